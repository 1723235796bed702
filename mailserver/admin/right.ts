import type { RequestHandler } from 'express'
import type { Address, Directory } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { type Session, sessionOf } from '#kit/web/session.ts'

/** The rail asks at every page; whoever was made an administrator sees the app within this time. */
const rememberMs = 30_000
const log = subsystem('admin')

/**
 * Who administers: persons with the right `act` on the administrators' mailbox (quantri@, made with the province). The rail goes
 * by what was read lately; every request of the pages asks anew.
 */
export class Administrators {
  readonly #directory: Directory
  readonly #office: Address
  #known: ReadonlySet<Address> = new Set()
  #readAt = Number.NEGATIVE_INFINITY

  constructor(directory: Directory, office: Address) {
    this.#directory = directory
    this.#office = office
  }

  shown(session: Session): boolean {
    if (performance.now() - this.#readAt > rememberMs) {
      this.#readAt = performance.now()
      this.read().catch((err: unknown) =>
        log.warn({ err }, 'administrators cannot be read; the rail shows the earlier ones'),
      )
    }
    return this.#known.has(session.person.address)
  }

  async read(): Promise<void> {
    const { grants } = await this.#directory['directory.grants']({ office: this.#office })
    this.#known = new Set(grants.filter((g) => g.rights.includes('act')).map((g) => g.person))
  }

  /** Behind `requireSession`. Refusal 403 for everybody else, 401 when the session's token has ended. */
  readonly required: RequestHandler = async (_req, res, next) => {
    const session = sessionOf(res)
    const { person } = await this.#directory['auth.whoami']({ token: session.token })
    const at = new Date().toISOString()
    const { grant } = await this.#directory['directory.holds']({
      person: person.address,
      office: this.#office,
      right: 'act',
      at,
    })
    if (!grant)
      throw new Refusal(
        403,
        'Trang này dành cho người quản trị hệ thống thư. Cần việc gì thì gửi thư tới hộp thư quản trị.',
        `${person.address} does not administer`,
      )
    next()
  }
}
