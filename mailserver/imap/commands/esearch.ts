/** ESEARCH (RFC 7377): one search in several mailboxes, none of which need be selected. */
import { following, noUpdate } from '../contexts.ts'
import { findUids, highestModseq } from '../found.ts'
import type { MailboxFilter } from '../parse/mailboxes.ts'
import { BadSyntax } from '../parse/scanner.ts'
import { type AskedKey, readMultiSearch, type SearchArguments } from '../parse/search.ts'
import { everything, isAmong, type Located, readPlace } from '../places.ts'
import { Progress } from '../progress.ts'
import { queryIn } from '../query.ts'
import { bad, ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { saveResults, writeEsearch } from '../write/esearch.ts'
import { mailboxName } from '../write/text.ts'
import { command } from './command.ts'
import { told, withCharset } from './search.ts'

type Asked = SearchArguments & { sources: MailboxFilter[] }

async function searchMailboxes(session: Session, tag: string, asked: Asked): Promise<Reply> {
  // §2.2: the session must be in the state that the sources need
  if (asked.sources.some(({ filter }) => filter === 'selected') && !session.view) return bad('no mailbox is selected')
  // RFC 6855 §3: two charsets for one string
  if (asked.charset && session.enabled.has('UTF8=ACCEPT')) return bad('after UTF8=ACCEPT everything is UTF-8')
  const progress = new Progress(session, tag)
  if (asked.sources.every(({ filter }) => filter === 'selected')) {
    const view = session.selected
    const follow = following(session, view, tag, asked, { byUid: true })
    const found = await findUids(session, view, asked, progress)
    saveResults(session, asked, found)
    if (asked.returns?.size !== 1 || !asked.returns.has('SAVE')) await answer(session, tag, asked, view, found)
    follow(found)
    return ok('ESEARCH completed')
  }
  // §2.3: "$" is about the selected mailbox alone
  if (asked.returns?.has('SAVE')) return bad('SAVE is for the selected mailbox')
  if (asked.modseq) session.enabled.add('CONDSTORE')
  if (asked.returns?.has('UPDATE')) noUpdate(session, tag)
  const apart = namesLast(asked.key)
  const mailboxes = meant(session, asked.sources)
  let done = 0
  for (const group of apart ? mailboxes.map((each) => [each]) : mailboxes.length ? [mailboxes] : []) {
    const byId = new Map(group.map((located) => [located.mailbox.id, located]))
    const key = queryIn(group[0]!.mailbox, asked.key, session.given.now())
    let at: Located | undefined
    let uids: number[] = []
    for (const found of session.given.store.read.searchAll([...byId.keys()], key)) {
      for (const { mailbox, uid } of found) {
        if (at?.mailbox.id !== mailbox) {
          if (at) await answer(session, tag, asked, at, uids)
          done = mailboxes.findIndex((each) => each.mailbox.id === mailbox)
          at = byId.get(mailbox)!
          uids = []
        }
        uids.push(uid)
      }
      progress.look({ done, goal: mailboxes.length })
      await session.turn()
    }
    if (at) await answer(session, tag, asked, at, uids)
  }
  return ok('ESEARCH completed')
}

/** §2.2: those that the sources name and that may be read; the others are left out without a word. */
function meant(session: Session, sources: readonly MailboxFilter[]): Located[] {
  const asked = sources.map(({ filter, names }) => ({ filter, names: names.map((name) => readPlace(session, name)) }))
  const selected = asked.some(({ filter }) => filter === 'selected') ? session.view?.watch.id : undefined
  return everything(session).filter(
    (located) =>
      located.place.rights.includes('r') &&
      (located.mailbox.id === selected || asked.some(({ filter, names }) => isAmong(located, filter, names))),
  )
}

/** Whether "*", the last UID of each, makes it another search in each mailbox. @throws BadSyntax for message numbers */
function namesLast(asked: AskedKey): boolean {
  if (asked.key === 'and' || asked.key === 'or') return asked.of.some(namesLast)
  if (asked.key === 'not') return namesLast(asked.of)
  if (asked.key !== 'set') return false
  if (!asked.byUid || asked.set.saved) throw new BadSyntax('message numbers are those of the selected mailbox')
  return asked.set.ranges.some(([, to]) => to === Infinity)
}

/** §2.1: always UIDs, and nothing of a mailbox where nothing was found. */
async function answer(
  session: Session,
  tag: string,
  asked: Asked,
  { mailbox, place }: Located,
  numbers: readonly number[],
): Promise<void> {
  if (numbers.length === 0) return
  const modseq = asked.modseq ? await highestModseq(session, mailbox.id, told(asked, numbers)) : 0
  const about = `TAG "${tag}" MAILBOX ${mailboxName(place.name, session.utf8)} UIDVALIDITY ${mailbox.uidValidity}`
  await writeEsearch(session, about, asked, { numbers, byUid: true, modseq })
}

export const esearch = command({
  name: 'ESEARCH',
  when: 'signed-in',
  read: (args) => withCharset(() => readMultiSearch(args)),
  run: (session, asked, tag) => searchMailboxes(session, tag, asked),
})
