/** COPY, MOVE and their UID forms (RFC 9051 §6.4.7, §6.4.8). */
import type { Scanner } from '../parse/scanner.ts'
import { formatSet, readSequenceSet, type SequenceSet } from '../parse/sequence.ts'
import { find, foreignFlags, isReplay, mustChange, mustHave, quotaOf, rightsOn } from '../places.ts'
import { Progress } from '../progress.ts'
import { ok, type Reply, refused } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'
import { highest } from './expunge.ts'

function read(args: Scanner): { set: SequenceSet; name: Buffer } {
  args.space()
  const set = readSequenceSet(args)
  args.space()
  const name = args.astring('a mailbox name')
  args.end()
  return { set, name }
}

async function transfer(
  session: Session,
  tag: string,
  { set, name }: { set: SequenceSet; name: Buffer },
  byUid: boolean,
  move: boolean,
): Promise<Reply> {
  const view = session.selected
  const word = `${byUid ? 'UID ' : ''}${move ? 'MOVE' : 'COPY'}`
  const uids = [...view.within(view.resolve(set, byUid, session.saved))]
  const to = find(session, name, 'TRYCREATE')
  mustHave(session, view, 'r')
  if (move && isReplay(view.mailbox, to.mailbox)) mustHave(session, to, 'l')
  else {
    if (to.mailbox.type !== 'normal') throw refused('append-only')
    mustHave(session, to, 'i')
    if (move) mustChange(session, view, 'te')
  }
  const drop = foreignFlags(rightsOn(session, to))
  const sameAccount = view.place.account.id === to.place.account.id
  const quota = move && sameAccount ? {} : quotaOf(session, to.place.account)
  if (uids.length === 0) return ok(`${word} completed, nothing matched`)
  // One job, so that a full mailbox refuses all or nothing.
  const done = await new Progress(session, tag).during(
    session.given.store.write('copy', {
      from: view.watch.id,
      uids,
      to: to.mailbox.id,
      move,
      drop,
      at: session.given.now(),
      ...quota,
    }),
  )
  view.stir()
  if ('refused' in done) throw refused(done.refused)
  const { pairs, uidValidity, modseq } = done
  if (pairs.length === 0) return ok(`${word} completed, nothing matched`)
  // Source and target UIDs must correspond position by position; formatSet keeps both orders.
  const code = `COPYUID ${uidValidity} ${formatSet(pairs.map(([from]) => from))} ${formatSet(pairs.map(([, target]) => target))}`
  if (!move) return ok(`${word} completed`, code)
  session.out.line(`* OK [${code}] Moved`) // RFC 9051 §6.4.8: before the EXPUNGEs
  return ok(`${word} completed`, highest(session, modseq))
}

const transferring = (byUid: boolean, move: boolean) =>
  command({
    name: `${byUid ? 'UID ' : ''}${move ? 'MOVE' : 'COPY'}`,
    when: 'selected',
    read,
    ...(byUid ? {} : { byNumber: true as const, expunges: true as const }),
    run: (session, asked, tag) => transfer(session, tag, asked, byUid, move),
  })

export const copy = transferring(false, false)
export const uidCopy = transferring(true, false)
export const move = transferring(false, true)
export const uidMove = transferring(true, true)
