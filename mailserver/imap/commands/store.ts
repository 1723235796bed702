/** STORE and UID STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3). */
import type { FlagChange } from '#mailserver/store/port.ts'
import { announce } from '../announce.ts'
import { jobRows, sliceRows } from '../limits.ts'
import { readStoreFlags } from '../parse/flags.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { formatSet, readSequenceSet, type SequenceSet } from '../parse/sequence.ts'
import { foreignFlags, mustChange, ownFlags, rightsOn } from '../places.ts'
import { No, ok, type Reply, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { fetchOf, fetchWithUid, flagsItem } from '../write/fetch.ts'
import { command } from './command.ts'

type Asked = { set: SequenceSet; change: FlagChange; silent: boolean; unchangedSince?: number }

function read(args: Scanner): Asked {
  args.space()
  const set = readSequenceSet(args)
  args.space()
  let unchangedSince: number | undefined
  if (args.atList) {
    args.list(
      () => {
        if (args.word('UNCHANGEDSINCE') !== 'UNCHANGEDSINCE')
          throw new BadSyntax('STORE knows the modifier UNCHANGEDSINCE only')
        args.space()
        unchangedSince = args.number64('a mod-sequence')
      },
      { empty: false },
    )
    args.space()
  }
  const m = /^([+-]?)FLAGS(\.SILENT)?$/.exec(args.word('FLAGS'))
  if (!m) throw new BadSyntax('expected FLAGS, +FLAGS or -FLAGS')
  args.space()
  const flags = readStoreFlags(args)
  args.end()
  const op = m[1] === '+' ? 'add' : m[1] === '-' ? 'remove' : 'set'
  return {
    set,
    change: { op, flags },
    silent: m[2] !== undefined,
    ...(unchangedSince === undefined ? {} : { unchangedSince }),
  }
}

async function storeRows(
  session: Session,
  { set, change, silent, unchangedSince }: Asked,
  byUid: boolean,
): Promise<Reply> {
  const view = session.selected
  const word = byUid ? 'UID STORE' : 'STORE'
  const own = allowed(session, view, change)
  if (unchangedSince !== undefined) session.enabled.add('CONDSTORE')
  // Before a silent change others' changes are told: afterwards they could not be told from ours.
  if (silent) await announce(session, { expunge: false })
  const uids = [...view.within(view.resolve(set, byUid, session.saved))]
  const modified: number[] = []
  for (let at = 0; at < uids.length; at += jobRows) {
    const batch = uids.slice(at, at + jobRows)
    const stirs = view.dirty ? undefined : view.stirs
    const done = await session.given.store.write('storeFlags', {
      mailbox: view.watch.id,
      uids: batch,
      change: own,
      ...(unchangedSince === undefined ? {} : { unchangedSince }),
      ...(silent && !session.condstore && { quiet: true }),
    })
    if ('refused' in done) throw new No('CANNOT', sentences.appendOnly)
    for (const uid of done.modified) modified.push(uid)
    view.changedBySession(done, stirs)
    await answer(session, view, batch, done, silent, byUid)
  }
  if (modified.length === 0) return ok(`${word} completed`)
  modified.sort((a, b) => a - b)
  const list = byUid ? modified : modified.map((uid) => view.sequence(uid)).filter((n) => n > 0)
  return ok('Conditional STORE refused for some', `MODIFIED ${formatSet(list)}`)
}

/**
 * RFC 4314 §4: flags that the session may not touch stay as they are; refused only when nothing of it is allowed.
 * @throws No [NOPERM], [CANNOT]
 */
function allowed(session: Session, view: View, change: FlagChange): FlagChange {
  const rights = rightsOn(session, view)
  const flags = ownFlags(rights, change.flags)
  const keep = foreignFlags(rights)
  const nothing = change.op === 'set' ? keep.length === 3 : flags.length === 0 && change.flags.length > 0
  mustChange(session, view, nothing ? 'swt' : 'r')
  return keep.length === 0 ? change : { op: change.op, flags, keep }
}

/** Flags as they are now; .SILENT leaves them out, but never the new mod-sequence (RFC 7162 §3.1.3). */
async function answer(
  session: Session,
  view: View,
  batch: readonly number[],
  {
    changed,
    modified,
  }: { changed: readonly { uid: number; modseq: number; flags: readonly string[] }[]; modified: readonly number[] },
  silent: boolean,
  byUid: boolean,
): Promise<void> {
  const { out, condstore } = session
  if (silent && !condstore) return
  const told = new Set(modified)
  for (const { uid, modseq, flags } of changed) {
    told.add(uid)
    const n = view.sequence(uid)
    const what = silent ? `MODSEQ (${modseq})` : flagsItem(session, view, { uid, modseq, flags })
    if (n) out.line(`${headOf(session, n, uid, byUid)}${what})`)
    await out.drained()
    await session.turn()
  }
  if (silent) return
  // Those whose flags were so already: the client asked to be told.
  const same = batch.filter((uid) => !told.has(uid))
  for (let at = 0; at < same.length; at += sliceRows) {
    const ranges = same.slice(at, at + sliceRows).map((uid): [number, number] => [uid, uid])
    for (const row of session.given.store.read.rows(view.watch.id, { ranges, limit: sliceRows })) {
      const n = view.sequence(row.uid)
      if (n) out.line(`${headOf(session, n, row.uid, byUid)}${flagsItem(session, view, row)})`)
    }
    await out.drained()
    await session.turn()
  }
}

const headOf = (session: Session, n: number, uid: number, byUid: boolean): string =>
  byUid || session.condstore ? fetchWithUid(session, n, uid) : `${fetchOf(session, n, uid)} (`

export const store = command({
  name: 'STORE',
  when: 'selected',
  read,
  byNumber: true,
  run: (session, asked) => storeRows(session, asked, false),
})
export const uidStore = command({
  name: 'UID STORE',
  when: 'selected',
  read,
  run: (session, asked) => storeRows(session, asked, true),
})
