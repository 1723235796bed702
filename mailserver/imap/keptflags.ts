/**
 * The flags of every message of a mailbox, in memory: what clients ask for most, whenever they come back. One for each mailbox and
 * thread, beside the UIDs of its `MailboxWatch` and place by place as these, 10 octets a message. A message's state is 5 bits of system flags and the
 * number of its set of keywords: people use a handful of sets. A mailbox that has more than is good for anybody is asked of the store.
 */
import type { FlagColumns } from '#mailserver/store/port.ts'

/** For one message. */
export const octetsOfFlags = 10
/** For all mailboxes of a thread: 1,600,000 messages. */
export const keptFlagOctets = 16 * 1024 * 1024
/** Sets of keywords in one mailbox: what 16 bits leave beside the system flags. */
const maxSets = 2_047
/** Characters of these in all; a set may have 10,000. */
const maxSetCharacters = 256 * 1024

/** names of each set of system flags, as FETCH writes them */
const systemNames: readonly string[] = Array.from({ length: 32 }, (_, system) =>
  ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'].filter((_, bit) => system & (1 << bit)).join(' '),
)
const systemBits = new Map(
  ['\\seen', '\\answered', '\\flagged', '\\deleted', '\\draft'].map((name, bit) => [name, 1 << bit]),
)

export class KeptFlags {
  #states: Uint16Array
  #modseqs: Float64Array
  /** '' or ' one two ', as the store has them; a set keeps its number as long as this object lives */
  readonly #sets: string[] = ['']
  readonly #numbers = new Map([['', 0]])
  #characters = 0

  /** @param room messages that there is place for; more make more */
  constructor(room: number) {
    this.#states = new Uint16Array(room)
    this.#modseqs = new Float64Array(room)
  }

  /** about as much as it takes */
  get octets(): number {
    return this.#states.byteLength + this.#modseqs.byteLength + 2 * this.#characters
  }

  /** @returns false when the sets of keywords have become too many: this object is of no more use */
  put(place: number, modseq: number, system: number, keywords: string): boolean {
    const set = this.#numbers.get(keywords) ?? this.#number(keywords)
    if (set === undefined) return false
    if (place >= this.#states.length) this.#grow(place + 1)
    this.#states[place] = (set << 5) | (system & 31)
    this.#modseqs[place] = modseq
    return true
  }

  /** A change that is older than what is known already says nothing. @param keywords absent: as they were @returns as `put` */
  change(place: number, modseq: number, system: number, keywords?: string): boolean {
    if (modseq <= this.#modseqs[place]!) return true
    return this.put(place, modseq, system, keywords ?? this.#sets[this.#states[place]! >>> 5]!)
  }

  /** All rows at once, one behind the other from this place on. @returns as `put` */
  putRun(place: number, { uids, modseqs, system, keywords }: FlagColumns): boolean {
    const end = place + uids.length
    if (end > this.#states.length) this.#grow(end)
    this.#states.set(system, place)
    this.#modseqs.set(modseqs, place)
    if (keywords.size > 0)
      for (let at = 0; at < uids.length; at++) {
        const text = keywords.get(uids[at]!)
        if (text && !this.put(place + at, modseqs[at]!, system[at]!, text)) return false
      }
    return true
  }

  /** Of the columns the row `at`. @returns as `put` */
  putRow(place: number, { uids, modseqs, system, keywords }: FlagColumns, at: number): boolean {
    return this.put(place, modseqs[at]!, system[at]!, keywords.get(uids[at]!) ?? '')
  }

  /** Only these places are left, in this order. */
  take(places: Uint32Array): void {
    const states = new Uint16Array(places.length)
    const modseqs = new Float64Array(places.length)
    for (let i = 0; i < places.length; i++) {
      states[i] = this.#states[places[i]!]!
      modseqs[i] = this.#modseqs[places[i]!]!
    }
    this.#states = states
    this.#modseqs = modseqs
  }

  modseq(place: number): number {
    return this.#modseqs[place]!
  }

  /** What stands between the parentheses of FLAGS. */
  written(place: number): string {
    const state = this.#states[place]!
    const names = systemNames[state & 31]!
    if (state < 32) return names
    const keywords = this.#sets[state >>> 5]!
    return names + keywords.slice(names ? 0 : 1, -1)
  }

  /** Which places have a flag: a test made once and asked for each, as long as this object lives. */
  has(flag: string): (place: number) => boolean {
    const name = flag.toLowerCase()
    const bit = systemBits.get(name)
    if (bit !== undefined) return (place) => (this.#states[place]! & bit) !== 0
    const sets: boolean[] = []
    const says = (set: number) => this.#sets[set]!.toLowerCase().includes(` ${name} `)
    return (place) => {
      const set = this.#states[place]! >>> 5
      sets[set] ??= says(set)
      return sets[set]
    }
  }

  #number(keywords: string): number | undefined {
    const next = this.#sets.length
    if (next > maxSets || this.#characters + keywords.length > maxSetCharacters) return undefined
    this.#sets.push(keywords)
    this.#numbers.set(keywords, next)
    this.#characters += keywords.length
    return next
  }

  #grow(places: number): void {
    const room = Math.ceil(places * 1.1) + 16
    const states = new Uint16Array(room)
    states.set(this.#states)
    this.#states = states
    const modseqs = new Float64Array(room)
    modseqs.set(this.#modseqs)
    this.#modseqs = modseqs
  }
}
