import type { MailAccount } from '#kit/mail/imap.ts'
import { folderFor, isShared } from '#webmail/folders.ts'

/** What the person may do to letters in a folder: the pages offer nothing else. */
export type May = {
  /** mark as read and unread */
  see: boolean
  flag: boolean
  /** take out: by moving elsewhere, or for good */
  remove: boolean
  archive: boolean
  junk: boolean
  trash: boolean
}
const everything: May = { see: true, flag: true, remove: true, archive: true, junk: true, trash: true }

/** By the rights of RFC 4314 §4, and by the folders that the mailbox has where the person sees them. */
export async function mayDo(account: MailAccount, folder: string): Promise<May> {
  if (!isShared(folder)) return everything
  const rights = await account.rights(folder)
  const remove = rights.includes('t') && rights.includes('e')
  const into = async (use: string) => remove && (await folderFor(account, use, folder)) !== undefined
  return {
    see: rights.includes('s'),
    flag: rights.includes('w'),
    remove,
    archive: await into('\\Archive'),
    junk: await into('\\Junk'),
    trash: await into('\\Trash'),
  }
}
