/** SEARCH and UID SEARCH (RFC 9051 §6.4.4), with ESEARCH, SEARCHRES and PARTIAL. Asked of the store in slices. */
import { following } from '../contexts.ts'
import { findUids, highestModseq } from '../found.ts'
import { BadCharset, readSearch, type SearchArguments } from '../parse/search.ts'
import { Progress } from '../progress.ts'
import { bad, No, ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { saveResults, writeEsearch } from '../write/esearch.ts'
import { command } from './command.ts'

async function searchRows(session: Session, tag: string, asked: SearchArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const follow = following(session, view, tag, asked, { byUid })
  const found = await findUids(session, view, asked, new Progress(session, tag))
  const numbers = byUid ? found : found.map((uid) => view.sequence(uid))
  const modseq =
    asked.modseq && found.length ? await highestModseq(session, view.watch.id, told(asked, found), view.watch) : 0
  saveResults(session, asked, found)
  if (!asked.returns && !session.rev2) await writeNumbers(session, 'SEARCH', numbers, modseq)
  // RFC 5182 §2.1: SAVE alone has no answer
  else if (asked.returns?.size !== 1 || !asked.returns.has('SAVE'))
    await writeEsearch(session, `TAG "${tag}"`, asked, { numbers, byUid, modseq })
  follow(found)
  return ok(`${byUid ? 'UID ' : ''}SEARCH completed`)
}

/** RFC 4731 §3.2: with MIN or MAX and nothing else, only these messages' mod-sequences count. */
export function told({ returns }: SearchArguments, found: readonly number[]): readonly number[] {
  const min = returns?.has('MIN')
  const max = returns?.has('MAX')
  if (!(min || max) || ['ALL', 'COUNT', 'PARTIAL'].some((each) => returns!.has(each as 'ALL'))) return found
  return [...(min ? [found[0]!] : []), ...(max ? [found.at(-1)!] : [])]
}

/** `* SEARCH 1 2 3 (MODSEQ 4)`, or `* SORT …` */
export async function writeNumbers(
  session: Session,
  word: 'SEARCH' | 'SORT',
  numbers: readonly number[],
  modseq: number,
): Promise<void> {
  session.out.text(`* ${word}`)
  for (let at = 0; at < numbers.length; at += 1000) {
    session.out.text(` ${numbers.slice(at, at + 1000).join(' ')}`)
    await session.out.drained()
    await session.turn()
  }
  session.out.line(modseq ? ` (MODSEQ ${modseq})` : '')
}

/** Reads arguments in which a charset may stand. @throws No [BADCHARSET] */
export function withCharset<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof BadCharset) throw new No('BADCHARSET (UTF-8 US-ASCII)', 'the charset is not known')
    throw error
  }
}

const searching = (byUid: boolean) =>
  command({
    name: byUid ? 'UID SEARCH' : 'SEARCH',
    when: 'selected',
    ...(byUid ? {} : { byNumber: true as const }),
    read: (args) => withCharset(() => readSearch(args)),
    run(session, asked, tag) {
      // RFC 6855 §3: two charsets for one string
      if (asked.charset && session.enabled.has('UTF8=ACCEPT')) return bad('after UTF8=ACCEPT everything is UTF-8')
      return searchRows(session, tag, asked, byUid)
    },
  })

export const search = searching(false)
export const uidSearch = searching(true)
