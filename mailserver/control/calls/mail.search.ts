import { setImmediate } from 'node:timers/promises'
import { Refusal } from '#kit/refusal.ts'
import { fold } from '#kit/vi/fold.ts'
import { everything } from '#mailserver/imap/places.ts'
import type { FoundMessage, Passage, SearchKey, Store } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { instant, list, maybe, object, text, whole } from '../input.ts'

/** Found messages held at a time; nobody turns two hundred pages, and the count says "more". */
const mostFound = 10_000
/** Of these, the newest are looked at for words as typed: about half a second. */
const mostRanked = 2_000
/** Between two turns of the event loop, some milliseconds. */
const rankedEach = 20

type Asked = {
  token: string
  folder?: string
  words: string[]
  phrases?: string[]
  from?: string
  to?: string
  subject?: string
  file?: string
  since?: string
  before?: string
  offset: number
  limit: number
}

export default call<'mail.search', Asked>({
  may: ['desk'],
  input: () =>
    object({
      token: text(200),
      folder: maybe(text(1000)),
      words: list(text(200), 20),
      phrases: maybe(list(text(200), 20)),
      from: maybe(text(200)),
      to: maybe(text(200)),
      subject: maybe(text(200)),
      file: maybe(text(200)),
      since: maybe(instant),
      before: maybe(instant),
      offset: whole(0, mostFound),
      limit: whole(1, 100),
    }),
  async run({ accounts, store, now }, asked) {
    const { account } = accounts.whoIs(asked.token)
    const seen = everything({ user: { account }, given: { accounts, store, now } }).filter(
      ({ place }) => place.rights.includes('r') && (asked.folder === undefined || place.name === asked.folder),
    )
    if (asked.folder !== undefined && seen.length === 0)
      throw new Refusal(404, 'Không có thư mục này.', `no folder ${asked.folder}`)
    const names = new Map(seen.map(({ place, mailbox }) => [mailbox.id, place.name]))
    const found: FoundMessage[] = []
    let more = false
    for (const slice of store.read.searchAll([...names.keys()], keyOf(asked))) {
      found.push(...slice)
      more = found.length > mostFound
      if (more) break
      await setImmediate()
    }
    found.sort((a, b) => b.internalDate - a.internalDate || b.message - a.message)
    const total = Math.min(found.length, mostFound)
    const phrases = asked.phrases ?? asked.words
    const values = [...phrases, ...(asked.subject ? [asked.subject] : []), ...(asked.file ? [asked.file] : [])]
    const exact = new Set<number>()
    for (const [i, { message }] of found.slice(0, mostRanked).entries()) {
      if (store.read.saysExactly(message, values)) exact.add(message)
      if (i % rankedEach === 0) await setImmediate()
    }
    found.sort((a, b) => Number(exact.has(b.message)) - Number(exact.has(a.message))) // stable: the newest first stays
    const hits = found.slice(asked.offset, Math.min(total, asked.offset + asked.limit)).map((f) => ({
      folder: names.get(f.mailbox)!,
      uid: f.uid,
      exact: exact.has(f.message),
      passages: tellingPassages(store, f.message, phrases, asked.words),
    }))
    return { total, more, hits, filesWaiting: store.read.filesBacklog() }
  },
})

/** Where it says the whole phrase, else where it says each word. */
function tellingPassages(
  store: Store,
  message: number,
  phrases: readonly string[],
  words: readonly string[],
): Passage[] {
  const whole = store.read.passages(message, phrases)
  return whole.some((p) => p.where === 'header') && phrases.length < words.length
    ? store.read.passages(message, words)
    : whole
}

/** Words are asked without their marks: whoever types them is shown the exact ones first, and misses none. */
function keyOf(asked: Asked): SearchKey {
  const of: SearchKey[] = asked.words.map((value) => ({ key: 'text', value: fold(value) }))
  const header = (name: string, value: string): SearchKey => ({ key: 'header', name, value: fold(value) })
  if (asked.from) of.push(header('from', asked.from))
  if (asked.to) of.push({ key: 'or', of: ['to', 'cc', 'bcc'].map((name) => header(name, asked.to!)) })
  if (asked.subject) of.push(header('subject', asked.subject))
  if (asked.file !== undefined) of.push({ key: 'file', value: asked.file })
  const [from, to] = [moment(asked.since, 'since'), moment(asked.before, 'before')]
  if (from !== undefined || to !== undefined)
    of.push({ key: 'internal', ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })
  return { key: 'and', of }
}

function moment(given: string | undefined, field: string): number | undefined {
  if (given === undefined) return undefined
  const at = Date.parse(given)
  if (Number.isNaN(at)) throw new Refusal(400, 'Ngày tháng không đúng.', `${field} must be an instant`)
  return at
}
