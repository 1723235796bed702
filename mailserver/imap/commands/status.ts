/** STATUS (RFC 9051 §6.3.11). What the mailbox's row counts is free; DELETED and DELETED-STORAGE are searched for. */

import { mailboxId } from '#mailserver/store/mailboxid.ts'
import { sliceRows } from '../limits.ts'
import type { Scanner } from '../parse/scanner.ts'
import { readStatusItems, type StatusItem } from '../parse/status.ts'
import { find, type Located, mustHave } from '../places.ts'
import { ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { mailboxName } from '../write/text.ts'
import { command } from './command.ts'

function read(args: Scanner): { name: Buffer; items: StatusItem[] } {
  args.space()
  const name = args.astring('a mailbox name')
  args.space()
  const items = readStatusItems(args)
  args.end()
  return { name, items }
}

export const status = command({
  name: 'STATUS',
  when: 'signed-in',
  read,
  async run(session, asked) {
    const located = find(session, asked.name)
    mustHave(session, located, 'r')
    session.out.line(await statusLine(session, located, asked.items))
    return ok('STATUS completed')
  },
})

export async function statusLine(
  session: Session,
  { place, mailbox }: Located,
  items: readonly StatusItem[],
): Promise<string> {
  // RFC 7162 §3.1.1: asking for it shows that the client knows of mod-sequences
  if (items.includes('HIGHESTMODSEQ')) session.enabled.add('CONDSTORE')
  const deleted =
    items.includes('DELETED') || items.includes('DELETED-STORAGE')
      ? await countDeleted(session, mailbox.id)
      : { messages: 0, octets: 0 }
  return statusText(session, { place, mailbox }, items, deleted)
}

/** The line, for items that cost nothing; `deleted` where they are among them. */
export function statusText(
  session: Session,
  { place, mailbox }: Located,
  items: readonly StatusItem[],
  deleted = { messages: 0, octets: 0 },
): string {
  const value: Record<StatusItem, string | number> = {
    MESSAGES: mailbox.messages,
    UIDNEXT: mailbox.uidNext,
    UIDVALIDITY: mailbox.uidValidity,
    UNSEEN: mailbox.unseen,
    RECENT: 0,
    SIZE: mailbox.size,
    DELETED: deleted.messages,
    'DELETED-STORAGE': Math.ceil(deleted.octets / 1024),
    HIGHESTMODSEQ: mailbox.highestModseq,
    MAILBOXID: `(${mailboxId(mailbox.id)})`,
    APPENDLIMIT: session.given.maxMessage,
  }
  return `* STATUS ${mailboxName(place.name, session.utf8)} (${items.map((item) => `${item} ${value[item]}`).join(' ')})`
}

async function countDeleted(session: Session, mailbox: number): Promise<{ messages: number; octets: number }> {
  const { read } = session.given.store
  const found = { messages: 0, octets: 0 }
  for (const slice of read.searchSlices(mailbox, { key: 'flag', flag: '\\Deleted' })) {
    for (let at = 0; at < slice.length; at += sliceRows) {
      const ranges = slice.slice(at, at + sliceRows).map((uid): [number, number] => [uid, uid])
      for (const row of read.rows(mailbox, { ranges, limit: sliceRows })) {
        found.octets += row.size
        found.messages++
      }
      await session.turn()
    }
    await session.turn()
  }
  return found
}
