/**
 * REPLACE and UID REPLACE (RFC 8508): a new message, perhaps in another mailbox, in place of one of the selected mailbox.
 * One store transaction: nobody, and no crash, ever sees both or neither.
 */
import { admitMessage, assembled, target } from '../assemble.ts'
import { type Appended, emptyAppended, readAppended } from '../parse/append.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { type Located, mustChange, quotaOf } from '../places.ts'
import { No, ok, type Reply, refused } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

type Asked = Appended & { which: number | 'last' }

function readWhich(args: Scanner): number | 'last' {
  args.space()
  if (args.took('*')) return 'last' // seq-number (RFC 9051 §9) may be "*"
  const n = args.number('a message number')
  if (n === 0) throw new BadSyntax('there is no message 0')
  return n
}

function uidOf(session: Session, which: number | 'last', byUid: boolean): number | undefined {
  const view = session.selected
  if (which === 'last') return view.lastUid || undefined
  if (byUid) return view.sequence(which) ? which : undefined
  if (which > view.count) throw new BadSyntax(`there is no message ${which}`)
  return view.uids[which - 1]
}

const replacing = (byUid: boolean) =>
  command({
    name: byUid ? 'UID REPLACE' : 'REPLACE',
    when: 'selected',
    ...(byUid ? {} : { byNumber: true as const, expunges: true as const }),
    read(args): Asked {
      const which = readWhich(args)
      const appended = emptyAppended()
      readAppended(args, appended, { several: false })
      return { ...appended, which }
    },
    async admit(session, soFar, octets) {
      if (!session.view) return { refuse: 'BAD no mailbox is selected' }
      try {
        const uid = uidOf(session, readWhich(soFar), byUid)
        return await admitMessage(session, soFar, octets, {
          several: false,
          freed: (to) => freedBy(session, to, uid),
        })
      } catch (error) {
        if (error instanceof BadSyntax) return { refuse: `BAD ${error.message}` }
        throw error
      }
    },
    run: (session, asked) => replaceOne(session, asked, byUid),
  })

/** What the message that goes gives back to the account that the new one comes to. */
function freedBy(session: Session, to: Located, uid: number | undefined): number {
  const view = session.selected
  if (uid === undefined || to.place.account.id !== view.place.account.id) return 0
  return session.given.store.read.rows(view.watch.id, { ranges: [[uid, uid]], limit: 1 })[0]?.size ?? 0
}

async function replaceOne(session: Session, { which, name, messages }: Asked, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const uid = uidOf(session, which, byUid)
  const gone = () => new No('NONEXISTENT', 'Thư cần thay không còn nữa. / The message to replace is gone.')
  const to = target(session, name)
  mustChange(session, view, 'te') // RFC 8508 §4.1: as for STORE +FLAGS \Deleted and UID EXPUNGE
  if (uid === undefined) throw gone()
  const done = await assembled(session, to, messages, (ready) =>
    session.given.store.write('appendAll', {
      mailbox: to.mailbox.id,
      messages: ready,
      at: session.given.now(),
      replaces: { mailbox: view.watch.id, uid },
      ...quotaOf(session, to.place.account),
    }),
  )
  view.stir()
  if ('refused' in done) throw done.refused === 'replaced-gone' ? gone() : refused(done.refused)
  // RFC 8508 §4.3: before the EXPUNGE, so that a client knows the new one when it loses the old one
  session.out.line(`* OK [APPENDUID ${done.uidValidity} ${done.uids[0]}] Replacement is here`)
  return ok(`${byUid ? 'UID REPLACE' : 'REPLACE'} completed`)
}

export const replace = replacing(false)
export const uidReplace = replacing(true)
