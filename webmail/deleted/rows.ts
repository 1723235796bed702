import type { DeletedMail, Directory } from '#kit/directory/calls.ts'
import { readAddresses } from '#kit/mail/addresses.ts'
import { nameOf } from '#webmail/folders.ts'

export type DeletedRow = {
  uid: number
  who: string
  subject: string
  folder: string
  size: number
  deletedAt: string
  /** absent for the reader's own doing */
  by?: string
  /** days for which it is still kept, at least 0 */
  left: number
}

const dayMs = 86_400_000

export function rowsOf(
  found: readonly DeletedMail[],
  given: {
    days: number
    now: number
    label: (folder: string) => string
    by: ReadonlyMap<string, string>
  },
): DeletedRow[] {
  return found.map((m) => {
    const by = given.by.get(m.deletedBy)
    return {
      uid: m.uid,
      who:
        readAddresses(m.from)
          .map((a) => a.name || a.address)
          .join(', ') || '(không ghi người gửi)',
      subject: m.subject || '(không có chủ đề)',
      folder: given.label(m.folder),
      size: m.size,
      deletedAt: m.deletedAt,
      ...(by !== undefined && { by }),
      left: Math.max(0, Math.ceil((Date.parse(m.deletedAt) + given.days * dayMs - given.now) / dayMs)),
    }
  })
}

/** Who deleted, in words, by what the mail server wrote down; the reader is not among them. */
export async function deletedBy(
  directory: Directory,
  found: readonly DeletedMail[],
  reader: string,
): Promise<Map<string, string>> {
  const others = [...new Set(found.map((m) => m.deletedBy))].filter((by) => by !== reader)
  const words = async (by: string): Promise<string> =>
    !by.includes('@') ? 'tự động, do quá hạn' : by.endsWith('@cli') ? 'người quản trị' : nameOf(directory, by)
  return new Map(await Promise.all(others.map(async (by) => [by, await words(by)] as const)))
}
