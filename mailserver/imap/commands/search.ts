/** SEARCH and UID SEARCH (RFC 9051 §6.4.4), with ESEARCH and SEARCHRES. Asked of the store in slices. */
import type { SearchKey } from '#mailserver/store/port.ts'
import { sliceRows } from '../limits.ts'
import { BadCharset, readSearch, type SearchArguments } from '../parse/search.ts'
import { formatSet } from '../parse/sequence.ts'
import { mustHave } from '../places.ts'
import { bad, No, ok, type Reply } from '../reply.ts'
import { resolveKey } from '../resolve.ts'
import type { Session } from '../session.ts'
import { lastUidThereIs, merge, type View } from '../view.ts'
import { command } from './command.ts'

async function searchRows(session: Session, tag: string, asked: SearchArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  mustHave(session, view, 'r')
  if (asked.modseq) session.enabled.add('CONDSTORE')
  const saving = asked.returns?.has('SAVE') ?? false
  let key: SearchKey
  try {
    key = await resolveKey(session, view, asked.key, session.given.now())
  } catch (error) {
    if (saving) session.saved = [] // RFC 5182 §2.1: a search that fails leaves nothing saved
    throw error
  }
  const found = await allOf(session, view, key)
  const highest = asked.modseq && found.length ? await highestModseq(session, view, found) : 0
  const numbers = byUid ? found : found.map((uid) => view.sequence(uid))
  if (saving) save(session, found, asked)
  if (asked.returns || session.rev2) {
    const line = extended(numbers, asked.returns ?? new Set(['ALL']))
    if (!saving || asked.returns!.size > 1)
      session.out.line(`* ESEARCH (TAG "${tag}")${byUid ? ' UID' : ''}${line}${highest ? ` MODSEQ ${highest}` : ''}`)
  } else {
    session.out.text('* SEARCH')
    for (let at = 0; at < numbers.length; at += 1000) {
      session.out.text(` ${numbers.slice(at, at + 1000).join(' ')}`)
      await session.out.drained()
      await session.turn()
    }
    session.out.line(highest ? ` (MODSEQ ${highest})` : '')
  }
  return ok(`${byUid ? 'UID ' : ''}SEARCH completed`)
}

/** UIDs of the view that match, ascending. The store looks through a bounded piece at a time. */
async function allOf(session: Session, view: View, key: SearchKey): Promise<number[]> {
  const found: number[] = []
  for (const slice of session.given.store.read.searchSlices(view.watch.id, key)) {
    for (const uid of slice) if (view.sequence(uid)) found.push(uid)
    await session.turn()
  }
  return found
}

/** RFC 7162 §3.1.5: the highest mod-sequence of the messages found. */
async function highestModseq(session: Session, view: View, found: readonly number[]): Promise<number> {
  const wanted = new Set(found)
  let highest = 0
  for (let from = found[0]!; ; ) {
    const rows = session.given.store.read.rows(view.watch.id, {
      ranges: [[from, Math.min(found.at(-1)!, lastUidThereIs)]],
      limit: sliceRows,
    })
    for (const row of rows) if (wanted.has(row.uid)) highest = Math.max(highest, row.modseq)
    await session.turn()
    if (rows.length < sliceRows) return highest
    from = rows.at(-1)!.uid + 1
  }
}

function extended(numbers: readonly number[], returns: ReadonlySet<string>): string {
  let line = ''
  if (numbers.length) {
    if (returns.has('MIN')) line += ` MIN ${numbers[0]}`
    if (returns.has('MAX')) line += ` MAX ${numbers.at(-1)}`
    if (returns.has('ALL')) line += ` ALL ${formatSet(numbers)}`
  }
  if (returns.has('COUNT')) line += ` COUNT ${numbers.length}`
  return line
}

/** RFC 5182 §2.4: with MIN or MAX alone only these are saved, else all. */
function save(session: Session, found: readonly number[], { returns }: SearchArguments): void {
  const ends = found.length
    ? [...(returns!.has('MIN') ? [found[0]!] : []), ...(returns!.has('MAX') ? [found.at(-1)!] : [])]
    : []
  const all = returns!.has('ALL') || returns!.has('COUNT') || !(returns!.has('MIN') || returns!.has('MAX'))
  session.saved = merge((all ? found : ends).map((uid) => [uid, uid]))
}

const searching = (byUid: boolean) =>
  command({
    name: byUid ? 'UID SEARCH' : 'SEARCH',
    when: 'selected',
    ...(byUid ? {} : { numbersInUse: true as const }),
    read(args) {
      try {
        return readSearch(args)
      } catch (error) {
        if (error instanceof BadCharset) throw new No('BADCHARSET (UTF-8 US-ASCII)', 'the charset is not known')
        throw error
      }
    },
    run(session, asked, tag) {
      // RFC 6855 §3: two charsets for one string
      if (asked.charset && session.enabled.has('UTF8=ACCEPT')) return bad('after UTF8=ACCEPT everything is UTF-8')
      return searchRows(session, tag, asked, byUid)
    },
  })

export const search = searching(false)
export const uidSearch = searching(true)
