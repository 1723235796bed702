/**
 * The files of a case, read by IMAP with the person's own right: from the ledger when they may read the register mailbox, else
 * from the letters of the case in their own mailbox and their offices'. The projection says which file it is; its SHA-256 decides.
 */
import { createHash } from 'node:crypto'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Part } from '#kit/mail/summary.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import type { CaseFileRow } from '#workflow/projection/reader.ts'

/** Letters of one case in one folder: a case of many years has tens. */
const mostLetters = 100

/** @throws Refusal 404 when no mailbox that the person may read holds the file */
export async function fetchFile(
  account: MailAccount,
  given: { case: string; register: string; file: CaseFileRow },
): Promise<Buffer> {
  const { file } = given
  const folders = await account.folders()
  const ledger = ledgerFolder(
    folders.map((f) => f.path),
    given.register,
    file.at,
  )
  if (ledger !== undefined) {
    const [uid] = await account.search({ folder: ledger, query: { header: { 'message-id': `<${file.messageId}>` } } })
    if (uid !== undefined) {
      const found = await right(account, { folder: ledger, uid, part: String(file.part) }, file)
      if (found) return found
    }
  }
  for (const { path } of folders.filter((f) => !/(^|\/)(Junk|Trash|Drafts)$/.test(f.path))) {
    const uids = await account.search({ folder: path, query: { header: { 'congso-case': given.case } } })
    const letters = await account.summaries({ folder: path, uids: uids.slice(0, mostLetters), structure: true })
    for (const letter of letters)
      for (const part of letter.structure ? leaves(letter.structure) : []) {
        if (part.filename !== file.name) continue
        const found = await right(account, { folder: path, uid: letter.uid, part: part.number }, file)
        if (found) return found
      }
  }
  throw new Refusal(
    404,
    'Không thấy tệp này trong các hộp thư được đọc. Nhờ văn thư chuyển lại thư có tệp.',
    `no readable mailbox holds ${file.sha256} of ${given.case}`,
  )
}

/** "Chung/so.stttt/Ledger/2026", when the person sees it. */
function ledgerFolder(paths: readonly string[], register: string, at: string): string | undefined {
  const local = register.slice(0, register.indexOf('@'))
  const wanted = `/${local}/Ledger/${localDate(at).slice(0, 4)}`
  return paths.find((p) => p.endsWith(wanted))
}

async function right(
  account: MailAccount,
  at: { folder: string; uid: number; part: string },
  file: CaseFileRow,
): Promise<Buffer | undefined> {
  const octets = await account.part(at).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined // it was moved while we looked
    throw error
  })
  return octets && createHash('sha256').update(octets).digest('hex') === file.sha256 ? octets : undefined
}

function leaves(part: Part): Part[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leaves)
}

export type Preview = 'pdf' | 'image' | 'none'

/** What a browser may show by itself, by the octets and not by what the sender said. */
export function kindOf(octets: Uint8Array): { preview: Preview; type: string } {
  const begins = (...bytes: number[]) => bytes.every((b, n) => octets[n] === b)
  if (begins(0x25, 0x50, 0x44, 0x46, 0x2d)) return { preview: 'pdf', type: 'application/pdf' }
  if (begins(0x89, 0x50, 0x4e, 0x47)) return { preview: 'image', type: 'image/png' }
  if (begins(0xff, 0xd8, 0xff)) return { preview: 'image', type: 'image/jpeg' }
  if (begins(0x47, 0x49, 0x46, 0x38)) return { preview: 'image', type: 'image/gif' }
  if (begins(0x52, 0x49, 0x46, 0x46) && Buffer.from(octets.subarray(8, 12)).toString('latin1') === 'WEBP')
    return { preview: 'image', type: 'image/webp' }
  return { preview: 'none', type: 'application/octet-stream' }
}

/** By the name and type alone, before the octets are fetched: which frame to draw. */
export function expectedPreview(file: { name: string; type: string }): Preview {
  if (file.type === 'application/pdf') return 'pdf'
  return /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? 'image' : 'none'
}
