/** Who looks at the desk's pages: for whom they may act, what they may read. From the directory, remembered for a few seconds. */
import type { Field } from '#kit/act/act.ts'
import type { Account, Address, Agency, Directory, Grant } from '#kit/directory/calls.ts'
import { localDate } from '#kit/vi/dates.ts'
import { byName } from '#kit/vi/names.ts'
import type { Party } from '#kit/web/form.ts'
import type { Session } from '#kit/web/session.ts'

export type Viewer = {
  person: Account
  agency: Agency
  register: Address
  /** everybody and every office of the agency that is in force today */
  accounts: readonly Account[]
  /** self, and offices that this person acts for: their turns are this person's turns */
  parties: readonly Address[]
  /** self, and offices whose mail this person reads: cases that name one of them may be opened */
  readable: readonly Address[]
  /** sees every case and the registers of the agency: clerks, leaders, readers of the register mailbox */
  whole: boolean
  grants: readonly Grant[]
}
export type ViewerDirectory = Pick<Directory, 'directory.agency'>

/** A right given or withdrawn shows on pages after at most this; the worker decides by the exact moment anyway. */
const rememberMs = 5_000
const mostRemembered = 500

/** @returns who this is, or undefined for somebody without an agency */
export type ViewerOf = (session: Session) => Promise<Viewer | undefined>

export function viewers(directory: ViewerDirectory, now: () => Date = () => new Date()): ViewerOf {
  const known = new Map<string, { until: number; answer: ReturnType<ViewerDirectory['directory.agency']> }>()
  const agencyOf = (id: string) => {
    const at = now().getTime()
    const have = known.get(id)
    if (have && have.until > at) return have.answer
    if (known.size >= mostRemembered) known.clear()
    const answer = directory['directory.agency']({ id })
    known.set(id, { until: at + rememberMs, answer })
    answer.catch(() => known.delete(id))
    return answer
  }
  return async ({ person }) => {
    if (person.agency === undefined) return undefined
    const { agency, accounts, grants } = await agencyOf(person.agency)
    return viewer(person, { agency, accounts, grants }, now().toISOString())
  }
}

function viewer(
  person: Account,
  { agency, accounts, grants }: { agency: Agency; accounts: readonly Account[]; grants: readonly Grant[] },
  at: string,
): Viewer {
  const today = localDate(at)
  const inForce = (a: Account) => !a.disabled && a.from <= today && (a.to === undefined || today < a.to)
  const mine = grants.filter((g) => g.person === person.address && g.from <= at && (g.to === undefined || at < g.to))
  const offices = (right: 'read' | 'act') => mine.filter((g) => g.rights.includes(right)).map((g) => g.office)
  const wide = new Set(
    accounts.filter((a) => a.role === 'clerk' || a.role === 'leader' || a.role === 'register').map((a) => a.address),
  )
  return {
    person,
    agency,
    register: agency.register,
    accounts: accounts.filter(inForce),
    parties: [person.address, ...offices('act')],
    readable: [person.address, ...offices('read')],
    whole: offices('read').some((o) => wide.has(o)),
    grants: mine,
  }
}

/** The name of somebody of the agency, or the address as it is. */
export function nameOf(viewer: Viewer, address: Address): string {
  return viewer.accounts.find((a) => a.address === address)?.name ?? address
}

/** Who can be chosen in a field; officers of the viewer's own department come first. */
export function partiesFor(viewer: Viewer, of: Extract<Field, { kind: 'party' }>['of']): Party[] {
  const departments = new Map(viewer.agency.departments.map((d) => [d.id, d.name]))
  const own = (a: Account) => (a.department !== undefined && a.department === viewer.person.department ? 0 : 1)
  const fits = (a: Account) =>
    of === 'officer' ? a.kind === 'person' : of === 'any' ? a.kind === 'person' || a.kind === 'office' : a.role === of
  return viewer.accounts
    .filter(fits)
    .toSorted((a, b) => own(a) - own(b) || (a.kind === b.kind ? byName(a.name, b.name) : a.kind === 'office' ? -1 : 1))
    .map((a) => {
      const note = [a.title, a.kind === 'person' ? departments.get(a.department ?? '') : undefined].filter(Boolean)
      return { address: a.address, name: a.name, ...(note.length ? { note: note.join(', ') } : {}) }
    })
}

/**
 * May the viewer open this case? Those who see the whole agency may; others when the state names them or an office whose
 * mail they read. What the applicant wrote names nobody.
 */
export function mayOpen(viewer: Viewer, state: unknown): boolean {
  if (viewer.whole) return true
  const { values: _v, applicant: _a, ...rest } = state as Record<string, unknown>
  return names(rest, new Set(viewer.readable))
}

function names(value: unknown, wanted: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return wanted.has(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((v) => names(v, wanted))
}
