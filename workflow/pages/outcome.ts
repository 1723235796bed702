/** What became of a command: the page waits for its event a little, and shows a refusal in the register's own words. */
import { setTimeout as wait } from 'node:timers/promises'
import { subsystem } from '#kit/log.ts'
import type { Session } from '#kit/web/session.ts'
import type { ProjectionReader } from '#workflow/projection/reader.ts'
import type { Given } from './given.ts'

const log = subsystem('desk:outcome')
/** design §7: after an act the page waits so long for its event. */
const waitMs = 3_000
/** The projection tells by itself what it has; asking it costs microseconds. */
const lookEveryMs = 5
/** A refusal leaves no event; it is asked for over the control API, less often. */
const askEveryMs = 300

export type Outcome = { is: 'done'; seq: number } | { is: 'refused' } | { is: 'under way' }

export async function outcomeOf(
  given: Given,
  book: ProjectionReader,
  at: { register: string; command: string },
): Promise<Outcome> {
  const until = performance.now() + waitMs
  let seen = ''
  let askAt = performance.now() + askEveryMs
  while (performance.now() < until) {
    const version = book.dataVersion()
    if (version !== seen) {
      seen = version
      const entry = book.entryOf(at.command)
      if (entry) return { is: 'done', seq: entry.seq }
    }
    if (performance.now() >= askAt) {
      askAt = performance.now() + askEveryMs
      if (await wasRefused(given, at)) return { is: 'refused' }
    }
    await wait(lookEveryMs)
  }
  return { is: 'under way' }
}

async function wasRefused(given: Given, at: { register: string; command: string }): Promise<boolean> {
  try {
    const { outcome } = await given.directory['ledger.outcome']({ ledger: at.register, command: at.command })
    return outcome === 'refused'
  } catch (err) {
    log.warn({ err, command: at.command }, 'the outcome of a command could not be asked for')
    return false // the command is kept; the page says that it is under way
  }
}

/** Replies of the register: the first lines of a refusal are enough for a page. */
const longestReason = 600

/** Why the register refused a command, from its reply in the person's or the office's mailbox; undefined when it did not. */
export async function refusalOf(
  given: Given,
  session: Session,
  opened: { viewer: { register: string; readable: readonly string[] } },
  command: string,
): Promise<string | undefined> {
  const { register } = opened.viewer
  if (!(await wasRefused(given, { register, command }))) return undefined
  const text = await given.mailboxes.use(session, async (account) => {
    const offices = opened.viewer.readable.map((a) => a.slice(0, a.indexOf('@')))
    const folders = (await account.folders())
      .map((f) => f.path)
      .filter((p) => p === 'INBOX' || offices.some((o) => p.endsWith(`/${o}/INBOX`)))
    for (const folder of folders) {
      const [uid] = await account.search({ folder, query: { header: { 'in-reply-to': `<${command}>` } } })
      if (uid === undefined) continue
      const { structure } = await account.summary({ folder, uid, structure: true })
      const part = structure && plainText(structure)
      if (part) return reasonIn((await account.part({ folder, uid, part })).toString('utf8'))
    }
    return ''
  })
  return text || 'Thư trả lời nêu lý do đã được gửi vào hộp thư.'
}

/** The sentences of the letter, without its heading, its facts and its links: those stand on the page already. */
function reasonIn(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .map((p) => p.trim())
    .filter(
      (p) => p !== '' && p !== p.toLocaleUpperCase('vi') && !/^[^\n.]{1,40}: \S/.test(p.replace(/^Đã thay đổi: /, '')),
    )
    .join('\n')
    .slice(0, longestReason)
}

type Node = { number: string; type: string; children: readonly Node[] }
function plainText(part: Node): string | undefined {
  if (part.type === 'text/plain') return part.number
  for (const child of part.children) {
    const found = plainText(child)
    if (found) return found
  }
  return undefined
}
