/**
 * Which messages a session believes to be in its mailbox, in order: the meaning of its sequence numbers.
 * The UIDs are one array per mailbox and thread (`MailboxWatch`), shared by every session that is up to date;
 * a session that has not yet been told of an expunge keeps the array from before. New messages only lengthen
 * the array, so a shorter count on it is an older view. Two thousand idle sessions cost one array.
 */
import type { Change, Mailbox, MailboxId, Store, StoreReader } from '#mailserver/store/port.ts'
import { BadSyntax } from './parse/scanner.ts'
import type { SequenceSet } from './parse/sequence.ts'
import type { Place } from './places.ts'

export type UidRange = [from: number, to: number]
export const lastUidThereIs = 0xffff_ffff

/** Mailboxes of which the list is kept although nobody has them selected, and UIDs (4 octets each) in all of these. */
const idleWatches = 100
const idleUids = 2_000_000

/** Beyond this many new or vanished messages the list is read anew rather than mended. */
const mendRows = 2_000

export class MailboxWatch {
  readonly id: MailboxId
  readonly viewers = new Set<View>()
  readonly #read: StoreReader
  uids: Uint32Array
  count: number
  /** the list holds everything up to this */
  modseq: number
  /** the mailbox was deleted */
  gone = false

  constructor(read: StoreReader, mailbox: Mailbox) {
    this.#read = read
    this.id = mailbox.id
    this.modseq = mailbox.highestModseq
    this.uids = read.uids(mailbox.id)
    this.count = this.uids.length
  }

  /** Brings the list up to date; costs what changed. */
  refresh(): void {
    const now = this.#read.mailboxById(this.id)
    if (!now) {
      this.gone = true
      return
    }
    if (now.highestModseq === this.modseq) return
    const vanished = this.#read.vanished(this.id, this.modseq)
    const last = this.count ? this.uids[this.count - 1]! : 0
    const fresh = this.#read.rows(this.id, { ranges: [[last + 1, lastUidThereIs]], limit: mendRows })
    if (vanished.length >= mendRows || fresh.length >= mendRows) {
      this.uids = this.#read.uids(this.id)
      this.count = this.uids.length
    } else {
      this.#remove(vanished)
      this.#add(fresh.map((row) => row.uid))
    }
    this.modseq = now.highestModseq
  }

  /** What needs no look: flags changed, and nothing else since the list was read. */
  follow({ kind, modseq }: { kind: string; modseq: number }): void {
    if (kind === 'flags' && modseq === this.modseq + 1) this.modseq = modseq
  }

  holds(uid: number): boolean {
    return indexOf(this.uids, this.count, uid) >= 0
  }

  /** UIDs up to `last` that are not there, as ranges, ascending. */
  *gaps(last: number): Generator<UidRange> {
    let next = 1
    for (let at = 0; at < this.count && next <= last; at++) {
      const uid = this.uids[at]!
      if (uid > next) yield [next, Math.min(uid - 1, last)]
      next = uid + 1
    }
    if (next <= last) yield [next, last]
  }

  #remove(vanished: readonly number[]): void {
    const gone = new Set(vanished.filter((uid) => indexOf(this.uids, this.count, uid) >= 0))
    if (gone.size === 0) return
    const kept = new Uint32Array(this.count - gone.size)
    let at = 0
    for (let i = 0; i < this.count; i++) if (!gone.has(this.uids[i]!)) kept[at++] = this.uids[i]!
    this.uids = kept
    this.count = kept.length
  }

  #add(fresh: readonly number[]): void {
    if (fresh.length === 0) return
    if (this.count + fresh.length > this.uids.length) {
      const larger = new Uint32Array(Math.ceil((this.count + fresh.length) * 1.1) + 16)
      larger.set(this.uids.subarray(0, this.count))
      this.uids = larger
    }
    this.uids.set(fresh, this.count)
    this.count += fresh.length
  }
}

/** The watches of one thread; told of changes by the store. */
export class Watches {
  readonly #store: Store
  readonly #byId = new Map<MailboxId, MailboxWatch>()
  /** nobody looks at these now; the longest unused first */
  readonly #idle = new Set<MailboxWatch>()

  constructor(store: Store) {
    this.#store = store
  }

  changed(change: Change): void {
    if ('modseq' in change) {
      const watch = this.#byId.get(change.mailbox)
      if (!watch) return
      watch.follow(change)
      for (const view of watch.viewers) view.stir()
    } else if (change.kind === 'folders')
      for (const watch of this.#byId.values())
        for (const view of watch.viewers) if (view.mailbox.account === change.account) view.stir()
  }

  open(mailbox: Mailbox, place: Place, readOnly: boolean): View {
    let watch = this.#byId.get(mailbox.id)
    if (watch) {
      this.#idle.delete(watch)
      watch.refresh()
    } else {
      watch = new MailboxWatch(this.#store.read, mailbox)
      this.#byId.set(mailbox.id, watch)
    }
    const view = new View(watch, mailbox, place, readOnly)
    watch.viewers.add(view)
    return view
  }

  close(view: View): void {
    const { watch } = view
    watch.viewers.delete(view)
    if (watch.viewers.size > 0) return
    // Kept for the next one: webmail leaves and enters the same few mailboxes all day.
    this.#idle.delete(watch)
    this.#idle.add(watch)
    let uids = 0
    for (const each of this.#idle) uids += each.uids.length
    for (const oldest of this.#idle) {
      if (this.#idle.size <= idleWatches && uids <= idleUids) break
      uids -= oldest.uids.length
      this.#idle.delete(oldest)
      this.#byId.delete(oldest.id)
    }
  }
}

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

function lowerBound(uids: Uint32Array, count: number, uid: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (uids[middle]! < uid) low = middle + 1
    else high = middle
  }
  return low
}

function indexOf(uids: Uint32Array, count: number, uid: number): number {
  const at = lowerBound(uids, count, uid)
  return at < count && uids[at] === uid ? at : -1
}
