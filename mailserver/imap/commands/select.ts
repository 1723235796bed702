/** SELECT and EXAMINE (RFC 9051 §6.3.2, RFC 7162 §3.1.8, §3.2.5). */

import { mailboxId } from '#mailserver/store/mailboxid.ts'
import { systemFlags } from '../parse/flags.ts'
import { BadSyntax, UidRequired } from '../parse/scanner.ts'
import { readSelect } from '../parse/select.ts'
import { find, isRecord, mustHave, ownFlags } from '../places.ts'
import { ok } from '../reply.ts'
import { resynchronise } from '../resync.ts'
import { mailboxName } from '../write/text.ts'
import { command } from './command.ts'

/** Keywords that clients look for before they use them; any other may be created ("\*"). */
const usualKeywords = ['$Forwarded', '$MDNSent', '$Junk', '$NotJunk', '$Phishing', '$Important']

const opening = (name: 'SELECT' | 'EXAMINE') =>
  command({
    name,
    when: 'signed-in',
    read: readSelect,
    async run(session, asked) {
      const { out } = session
      if (asked.resync && !session.qresync) throw new BadSyntax('enable QRESYNC first') // RFC 7162 §3.2.5
      if (asked.resync?.match && session.uidOnly) throw new UidRequired()
      const closed = session.view !== undefined
      session.unselect() // RFC 9051 §6.3.2: even when the new one cannot be opened
      if (closed) out.line('* OK [CLOSED] Previous mailbox closed')
      const { place, mailbox } = find(session, asked.name)
      mustHave(session, { mailbox }, 'r')
      if (asked.condstore) session.enabled.add('CONDSTORE')
      // RFC 4314 §5.2: read-write when anything in it may be changed; a dead letter may be moved by whoever sees it
      const mayChange = [...'istwe'].some((right) => place.rights.includes(right)) || mailbox.type === 'dead'
      const readOnly = name === 'EXAMINE' || isRecord(mailbox) || !mayChange
      const view = session.given.watches.open(mailbox, place, readOnly)
      session.view = view
      const flags = [...systemFlags, ...usualKeywords].join(' ')
      out.line(`* FLAGS (${flags})`)
      out.line(
        readOnly
          ? '* OK [PERMANENTFLAGS ()] Read-only'
          : `* OK [PERMANENTFLAGS (${permanent(place.rights, flags)})] Kept`,
      )
      out.line(`* ${view.count} EXISTS`)
      if (!session.rev2) out.line('* 0 RECENT')
      const unseen =
        session.rev2 || session.uidOnly || mailbox.unseen === 0
          ? 0
          : view.sequence(session.given.store.read.firstUnseen(mailbox.id) ?? 0)
      if (unseen) out.line(`* OK [UNSEEN ${unseen}] First unseen`)
      out.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid`)
      out.line(`* OK [UIDNEXT ${view.recentFrom}] Predicted next UID`)
      out.line(`* OK [HIGHESTMODSEQ ${view.listModseq}] Highest`)
      out.line(`* OK [MAILBOXID (${mailboxId(mailbox.id)})] Stable name`)
      if (session.rev2) out.line(`* LIST () "/" ${mailboxName(place.name, session.utf8)}`)
      if (asked.resync) await resynchronise(session, view, asked.resync)
      return ok(`${name} completed`, readOnly ? 'READ-ONLY' : 'READ-WRITE')
    },
  })

/** RFC 4314 §5.1.1: those that this session may change; keywords may be made by those who have w. */
const permanent = (rights: string, flags: string): string =>
  [...ownFlags(rights, flags.split(' ')), ...(rights.includes('w') ? ['\\*'] : [])].join(' ')

export const select = opening('SELECT')
export const examine = opening('EXAMINE')
