/** The octets of a case's files: from the command at hand, or from the ledger entry that brought them. */
import { createHash } from 'node:crypto'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Attachment } from '#kit/message/write.ts'
import { localDate } from '#kit/vi/dates.ts'
import type { Projection } from '../projection/projection.ts'

export type GetFile = (sha256: string) => Promise<Attachment>

/**
 * @param given.fresh files of the command being decided, not in the ledger yet
 * @throws Error when the case has no such file, or the ledger's octets are not those the event named
 */
export function caseFiles(given: {
  account: MailAccount
  projection: Projection
  case: string
  fresh: readonly { ref: { sha256: string }; file: Attachment }[]
}): GetFile {
  const { account, projection } = given
  const loaded = new Map<string, Attachment>(given.fresh.map((f) => [f.ref.sha256, f.file]))
  return async (sha256) => {
    const known = loaded.get(sha256)
    if (known) return known
    const at = projection.file(given.case, sha256)
    if (!at) throw new Error(`${given.case} has no file ${sha256}`)
    const folder = `Ledger/${localDate(at.at).slice(0, 4)}` // as the entry was filed: by the year in Vietnam
    // with its brackets the identifier is a whole word of the index; without, the search looks through every word there is
    const [uid] = await account.search({ folder, query: { header: { 'message-id': `<${at.messageId}>` } } })
    if (uid === undefined) throw new Error(`entry ${at.seq} (${at.messageId}) is not in ${folder}`)
    const content = await account.part({ folder, uid, part: String(at.part) })
    const found = createHash('sha256').update(content).digest('hex')
    if (found !== sha256) throw new Error(`part ${at.part} of entry ${at.seq} is ${found}, the event says ${sha256}`)
    const file = { name: at.name, type: at.type, content }
    loaded.set(sha256, file)
    return file
  }
}
