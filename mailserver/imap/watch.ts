/** The mailboxes that sessions of one thread have selected: their UIDs, and their flags where these were asked for, once for all of them. */
import type { Change, FlagColumns, Mailbox, MailboxId, Store, StoreReader } from '#mailserver/store/port.ts'
import { KeptFlags, keptFlagOctets, octetsOfFlags } from './keptflags.ts'
import type { Place } from './places.ts'
import { indexOf, isSame, lowerBound } from './uids.ts'
import { lastUidThereIs, type UidRange, View } from './view.ts'

/** Mailboxes of which the list is kept although nobody has them selected, and UIDs (4 octets each) in all of these. */
const idleWatches = 100
const idleUids = 2_000_000

/** Beyond this many new or vanished messages the list is read anew rather than mended. */
const mendRows = 2_000
/** Flags of this many messages are read at a time: 1 ms. */
const loadRows = 5_000
/** Times that flags are read anew because too much changed while they were read. */
const loadAttempts = 3

export class MailboxWatch {
  readonly id: MailboxId
  readonly viewers = new Set<View>()
  readonly #read: StoreReader
  readonly #room: FlagRoom
  uids: Uint32Array
  count: number
  /** the list, and the flags, hold everything up to this */
  modseq: number
  /** the mailbox was deleted */
  gone = false
  #flags: KeptFlags | undefined
  #loading: Promise<void> | undefined
  /** when the flags were read last it had more sets of keywords than are kept */
  #varied = false

  constructor(read: StoreReader, mailbox: Mailbox, room: FlagRoom) {
    this.#read = read
    this.#room = room
    this.id = mailbox.id
    this.modseq = mailbox.highestModseq
    this.uids = read.uids(mailbox.id)
    this.count = this.uids.length
  }

  /** Brings the list and the flags up to date; costs what changed. */
  refresh(): void {
    const now = this.#read.highestModseq(this.id)
    if (now === undefined) this.gone = true
    else if (now !== this.modseq) {
      this.#mend()
      this.modseq = now
    }
  }

  /** The flags as they are now, place by place as `uids`; undefined: nobody had them loaded, or they are not to be kept. */
  get flags(): KeptFlags | undefined {
    if (!this.#flags) return undefined
    this.refresh()
    if (this.#flags) this.#room.used(this)
    return this.#flags
  }

  /** Reads the flags, unless they are there; afterwards `flags` has them, or they cannot be kept. @param turn lets others run */
  async load(turn: () => Promise<void>): Promise<void> {
    this.#loading ??= this.#load(turn).finally(() => {
      this.#loading = undefined
    })
    await this.#loading
  }

  /** octets of the flags */
  get octets(): number {
    return this.#flags?.octets ?? 0
  }

  forgetFlags(): void {
    this.#flags = undefined
    this.#room.drop(this)
  }

  /** What needs no look: flags changed, and nothing else since the list was read. */
  follow(change: Change & { modseq: number }): void {
    if (change.kind !== 'flags' || change.modseq !== this.modseq + 1) return
    this.modseq = change.modseq
    const flags = this.#flags
    if (!flags) return
    const { uids, system, keywords, modseq } = change
    for (let i = 0; i < uids.length; i++) {
      const place = this.placeOf(uids[i]!)
      if (place < 0 || flags.change(place, modseq, system[i]!, keywords?.[i])) continue
      this.forgetFlags()
      return
    }
  }

  holds(uid: number): boolean {
    return this.placeOf(uid) >= 0
  }

  /** in `uids` and `flags`; −1: it is not there */
  placeOf(uid: number): number {
    return indexOf(this.uids, this.count, uid)
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

  /** What is read here may be newer than the mod-sequence that is mended up to: then it comes once more, and changes nothing. */
  #mend(): void {
    const vanished = this.#read.vanished(this.id, this.modseq)
    const changed = this.#flags && this.#read.flagColumnsSince(this.id, this.modseq, this.#fewChanged)
    if (!changed) this.forgetFlags()
    const last = this.count ? this.uids[this.count - 1]! : 0
    const fresh = changed
      ? changed.uids.filter((uid) => uid > last)
      : this.#read.flagColumns(this.id, { from: last + 1, to: lastUidThereIs, limit: mendRows }).uids
    if (vanished.length >= mendRows || fresh.length >= mendRows) {
      this.forgetFlags()
      this.uids = this.#read.uids(this.id)
      this.count = this.uids.length
      return
    }
    this.#remove(vanished)
    this.#add(fresh)
    if (changed && this.#flags && !this.#putAll(this.#flags, changed)) this.forgetFlags()
  }

  /** So many changes are read one by one sooner than everything is read again. */
  get #fewChanged(): number {
    return Math.max(mendRows, this.count >>> 3)
  }

  async #load(turn: () => Promise<void>): Promise<void> {
    for (let attempt = 0; attempt < loadAttempts; attempt++) {
      this.refresh()
      if (this.#flags || this.#varied || this.gone || !this.#room.fits(this.count)) return
      const since = this.modseq
      const parts: FlagColumns[] = []
      for (let from = 1; ; ) {
        const part = this.#read.flagColumns(this.id, { from, to: lastUidThereIs, limit: loadRows })
        parts.push(part)
        if (part.uids.length < loadRows) break
        from = part.uids.at(-1)! + 1
        await turn()
      }
      // From here on nobody else runs. The parts are of different moments: what changed since the first one is put on top.
      this.refresh()
      const changed = this.modseq !== since && this.#read.flagColumnsSince(this.id, since, this.#fewChanged)
      if (changed === undefined || this.#flags) continue
      const flags = new KeptFlags(this.count)
      this.#varied = [...parts, ...(changed ? [changed] : [])].some((rows) => !this.#putAll(flags, rows))
      if (this.#varied) return
      this.#flags = flags
      this.#room.keep(this)
      return
    }
  }

  /** Those that are in the list. @returns false when they have too many sets of keywords */
  #putAll(flags: KeptFlags, rows: FlagColumns): boolean {
    const { uids, count } = this
    let place = rows.uids.length ? lowerBound(uids, count, rows.uids[0]!) : 0
    // nearly always, when flags are loaded
    if (isSame(uids.subarray(place, Math.min(count, place + rows.uids.length)), rows.uids))
      return flags.putRun(place, rows)
    for (let at = 0; at < rows.uids.length; at++) {
      const uid = rows.uids[at]!
      if (uids[place] !== uid) place = lowerBound(uids, count, uid)
      if (place === count) break
      if (uids[place] === uid && !flags.putRow(place++, rows, at)) return false
    }
    return true
  }

  #remove(vanished: readonly number[]): void {
    const gone = new Set(vanished.filter((uid) => this.holds(uid)))
    if (gone.size === 0) return
    const kept = new Uint32Array(this.count - gone.size)
    const places = new Uint32Array(kept.length)
    let at = 0
    for (let i = 0; i < this.count; i++)
      if (!gone.has(this.uids[i]!)) {
        places[at] = i
        kept[at++] = this.uids[i]!
      }
    this.#flags?.take(places)
    this.uids = kept
    this.count = kept.length
  }

  #add(fresh: Uint32Array): void {
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

/** Bounds the flags that are kept in one thread. */
class FlagRoom {
  /** the longest unused first */
  readonly #kept = new Set<MailboxWatch>()
  readonly #octets: number

  constructor(octets: number) {
    this.#octets = octets
  }

  fits(messages: number): boolean {
    return messages * octetsOfFlags <= this.#octets
  }

  /** These were loaded: others that nobody has asked for longest make room. */
  keep(watch: MailboxWatch): void {
    this.used(watch)
    let octets = 0
    for (const each of this.#kept) octets += each.octets
    for (const oldest of this.#kept) {
      if (octets <= this.#octets || oldest === watch) break
      octets -= oldest.octets
      oldest.forgetFlags()
    }
  }

  used(watch: MailboxWatch): void {
    this.#kept.delete(watch)
    this.#kept.add(watch)
  }

  drop(watch: MailboxWatch): void {
    this.#kept.delete(watch)
  }
}

/** The watches of one thread; told of changes by the store. */
export class Watches {
  readonly #store: Store
  readonly #byId = new Map<MailboxId, MailboxWatch>()
  readonly #unfollow = new Map<MailboxId, () => void>()
  readonly #room: FlagRoom
  /** nobody looks at these now; the longest unused first */
  readonly #idle = new Set<MailboxWatch>()

  /** @param flagOctets for flags in memory, of all mailboxes */
  constructor(store: Store, { flagOctets = keptFlagOctets } = {}) {
    this.#store = store
    this.#room = new FlagRoom(flagOctets)
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
      const unfollow = this.#store.follow(mailbox.account)
      watch = new MailboxWatch(this.#store.read, mailbox, this.#room)
      watch.refresh() // what was committed between the read of `mailbox` and the following
      this.#byId.set(mailbox.id, watch)
      this.#unfollow.set(mailbox.id, unfollow)
    }
    const view = new View(watch, mailbox, place, readOnly)
    watch.viewers.add(view)
    if (watch.gone) view.stir() // the notice of it came too early
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
      this.#unfollow.get(oldest.id)?.()
      this.#unfollow.delete(oldest.id)
      oldest.forgetFlags()
    }
  }
}
