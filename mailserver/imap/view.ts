/**
 * Which messages a session believes to be in its mailbox, in order: the meaning of its sequence numbers.
 * The UIDs are one array per mailbox and thread (`MailboxWatch`), shared by every session that is up to date;
 * a session that has not yet been told of an expunge keeps the array from before. New messages only lengthen
 * the array, so a shorter count on it is an older view. Two thousand idle sessions cost one array.
 */
import type { Mailbox } from '#mailserver/store/port.ts'
import type { Context } from './contexts.ts'
import { BadSyntax } from './parse/scanner.ts'
import type { SequenceSet } from './parse/sequence.ts'
import type { Place } from './places.ts'
import { counting, indexOf, lowerBound } from './uids.ts'
import type { MailboxWatch } from './watch.ts'

export type UidRange = [from: number, to: number]
export const lastUidThereIs = 0xffff_ffff

/** Messages of a view that are still there: their numbers in it, their places in the watch, and the UID to go on with. Holds until something else runs. */
export type Known = { numbers: Uint32Array; places: Uint32Array; next: number }

export class View {
  readonly watch: MailboxWatch
  /** as it was at SELECT */
  readonly mailbox: Mailbox
  readonly place: Place
  readonly readOnly: boolean
  uids: Uint32Array
  count: number
  /** up to where the client knows of messages, and of flags */
  listModseq: number
  flagsModseq: number
  /** \Recent in this session (docs/decisions/imap.md) */
  readonly recentFrom: number
  /** UID → mod-sequence of this session's own flag changes, which it knows already; emptied when told of the rest */
  readonly own = new Map<number, number>()
  /** something changed since the client was last told */
  dirty = false
  /** how often it was told so */
  stirs = 0
  /** searches whose changes the client follows, by their tags */
  readonly contexts = new Map<string, Context>()
  /** set while IDLE waits */
  wake: (() => void) | undefined

  constructor(watch: MailboxWatch, mailbox: Mailbox, place: Place, readOnly: boolean) {
    this.watch = watch
    this.mailbox = mailbox
    this.place = place
    this.readOnly = readOnly
    this.uids = watch.uids
    this.count = watch.count
    this.listModseq = this.flagsModseq = watch.modseq
    this.recentFrom = Math.max(mailbox.uidNext, this.lastUid + 1)
  }

  get lastUid(): number {
    return this.count ? this.uids[this.count - 1]! : 0
  }

  /**
   * Flags that this session changed and knows already. `stirs`: how often it had been stirred before, when it was not dirty; if
   * nothing but the change itself has happened since, there is nothing to look for.
   */
  changedBySession(
    {
      changed,
      gave,
    }: {
      changed: readonly { uid: number; modseq: number }[]
      gave: readonly { modseq: number; uids: Uint32Array }[]
    },
    stirs?: number,
  ): void {
    const last = gave.at(-1)
    // nothing by others in between: the client knows all there is up to here
    if (last && gave.every(({ modseq }, i) => modseq === this.flagsModseq + 1 + i)) {
      this.flagsModseq = last.modseq
      if (this.stirs === (stirs ?? -1) + gave.length && this.watch.modseq === last.modseq) this.dirty = false
      return
    }
    for (const { modseq, uids } of gave) for (const uid of uids) this.own.set(uid, modseq)
    for (const { uid, modseq } of changed) this.own.set(uid, modseq)
  }

  stir(): void {
    this.stirs++
    this.dirty = true
    this.wake?.()
  }

  /** 1-based, or 0 when the client does not know this message */
  sequence(uid: number): number {
    const at = indexOf(this.uids, this.count, uid)
    return at < 0 ? 0 : at + 1
  }

  /** how many of its messages have this UID or a lower one */
  countUpTo(uid: number): number {
    return lowerBound(this.uids, this.count, uid + 1)
  }

  /**
   * Adds what has come behind what the client knows, and keeps what has gone. An array of its own until `adopt`.
   * @returns the last UID known before
   */
  lengthen(): number {
    const before = this.lastUid
    const { watch } = this
    const from = lowerBound(watch.uids, watch.count, before + 1)
    if (from === watch.count) return before
    const longer = new Uint32Array(this.count + watch.count - from)
    longer.set(this.uids.subarray(0, this.count))
    longer.set(watch.uids.subarray(from, watch.count), this.count)
    this.uids = longer
    this.count = longer.length
    return before
  }

  /** Takes over the present list; the client has been told what is different. */
  adopt(): void {
    this.uids = this.watch.uids
    this.count = this.watch.count
    this.listModseq = this.watch.modseq
  }

  /**
   * UID ranges of a set, ascending, merged, none overlapping.
   * @param saved what "$" stands for
   * @throws BadSyntax for sequence numbers that the mailbox does not have (RFC 9051 §7.1, BAD)
   */
  resolve(set: SequenceSet, byUid: boolean, saved: readonly UidRange[]): UidRange[] {
    if (set.saved) return [...saved]
    const ranges: UidRange[] = []
    for (const [from, to] of set.ranges) {
      const range = byUid ? this.#uidRange(from, to) : this.#sequenceRange(from, to)
      if (range) ranges.push(range)
    }
    return merge(ranges)
  }

  #uidRange(from: number, to: number): UidRange | undefined {
    if (this.count === 0) return undefined
    const one = from === Infinity ? this.lastUid : from
    const other = to === Infinity ? this.lastUid : to
    return one <= other ? [one, other] : [other, one]
  }

  #sequenceRange(from: number, to: number): UidRange | undefined {
    if (this.count === 0 && to === Infinity) return undefined // "1:*" of an empty mailbox is nothing, not a mistake
    const one = from === Infinity ? this.count : from
    const other = to === Infinity ? this.count : to
    const [low, high] = one <= other ? [one, other] : [other, one]
    if (high > this.count) throw new BadSyntax(`there is no message ${high}`)
    return [this.uids[low - 1]!, this.uids[high - 1]!]
  }

  /** Those from UID `from` to `to` that are still there, of the first `limit` of them. */
  known(from: number, to: number, limit: number): Known {
    const { uids, count, watch } = this
    const first = lowerBound(uids, count, from)
    const end = Math.min(first + limit, lowerBound(uids, count, to + 1))
    const next = end - first < limit ? to + 1 : uids[end - 1]! + 1
    // nothing has gone that this view still has
    if (uids === watch.uids) return { numbers: counting(first + 1, end + 1), places: counting(first, end), next }
    const numbers = new Uint32Array(Math.max(0, end - first))
    const places = new Uint32Array(numbers.length)
    let found = 0
    let place = lowerBound(watch.uids, watch.count, from)
    for (let at = first; at < end; at++) {
      const uid = uids[at]!
      while (place < watch.count && watch.uids[place]! < uid) place++
      if (place === watch.count) break
      if (watch.uids[place] !== uid) continue
      numbers[found] = at + 1
      places[found++] = place
    }
    return {
      numbers: numbers.subarray(0, found),
      places: places.subarray(0, found),
      next,
    }
  }

  /** How many messages of this view are inside the ranges. */
  countWithin(ranges: readonly UidRange[]): number {
    const { uids, count } = this
    let sum = 0
    for (const [from, to] of ranges) sum += lowerBound(uids, count, to + 1) - lowerBound(uids, count, from)
    return sum
  }

  /** The UIDs of this view inside the ranges, ascending. */
  *within(ranges: readonly UidRange[]): Generator<number> {
    for (const [from, to] of ranges)
      for (let at = lowerBound(this.uids, this.count, from); at < this.count && this.uids[at]! <= to; at++)
        yield this.uids[at]!
  }
}

export function merge(ranges: UidRange[]): UidRange[] {
  ranges.sort((a, b) => a[0] - b[0])
  const merged: UidRange[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last && range[0] <= last[1] + 1) last[1] = Math.max(last[1], range[1])
    else merged.push([range[0], range[1]])
  }
  return merged
}
