/** A mailbox on another server by IMAP. What came before is asked for by its UID, and not fetched again. */
import { createHash } from 'node:crypto'
import type { FolderElsewhere, MailElsewhere } from '#kit/mail/elsewhere.ts'
import { type FoundMessage, isKeyword, withCrlf } from './found.ts'

/** Folders by their use (RFC 6154), where ours of the same use are. */
const ourNames: Record<string, string> = {
  '\\Sent': 'Sent',
  '\\Drafts': 'Drafts',
  '\\Junk': 'Junk',
  '\\Trash': 'Trash',
  '\\Archive': 'Archive',
}
const systemFlags = new Set(['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'])
/** UIDs asked about at once. */
const together = 500

/**
 * @param source names the server and the mailbox; with folder, UIDVALIDITY and UID it names a message for ever
 * @param known which of these keys have come before
 */
export async function* readImap(
  mail: MailElsewhere,
  q: {
    source: string
    maxOctets: number
    known: (keys: readonly string[]) => Promise<ReadonlySet<string>>
  },
): AsyncGenerator<FoundMessage> {
  for (const folder of await mail.folders()) {
    if (folder.messages === 0) continue
    const all = []
    for await (const summary of mail.summaries(folder.path))
      all.push({ ...summary, key: keyOf(q.source, folder, summary.uid) })
    for (let from = 0; from < all.length; from += together) {
      const some = all.slice(from, from + together)
      const before = await q.known(some.map((s) => s.key))
      for (const { uid, size, flags, at, key } of some) {
        const where = `${folder.path} UID ${uid}`
        if (before.has(key)) yield { folder: ourFolder(folder), known: size, where }
        else if (size > q.maxOctets) yield { skipped: `larger than ${q.maxOctets} octets`, where }
        else {
          const octets = await mail.octets(uid)
          if (octets === undefined) continue // removed meanwhile
          const raw = withCrlf(octets)
          if (raw.length === 0 || raw.length > q.maxOctets) yield { skipped: 'empty or too large', where }
          else yield { folder: ourFolder(folder), raw, flags: flags.filter(isFlag), at, where, key }
        }
      }
    }
  }
}

const isFlag = (flag: string): boolean => systemFlags.has(flag) || isKeyword(flag)

function keyOf(source: string, { path, uidValidity }: FolderElsewhere, uid: number): string {
  return createHash('sha256').update(`${source}\0${path}\0${uidValidity}\0${uid}`).digest('base64url').slice(0, 22)
}

/** Levels that hold our separator cannot be kept apart: it is replaced. */
function ourFolder({ levels, specialUse, path }: FolderElsewhere): string {
  if (path.toUpperCase() === 'INBOX') return 'INBOX'
  const named = specialUse && ourNames[specialUse]
  return named ?? levels.map((level) => level.replaceAll('/', '-').normalize('NFC')).join('/')
}
