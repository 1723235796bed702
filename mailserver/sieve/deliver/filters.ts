/**
 * Where deliveries meet scripts. LMTP, the edge's hand-over and submission give each recipient to `file`, and write what
 * comes back in one store job. Order: spam goes to Junk before any script is asked; official mail (`ledger.commit`, a service)
 * never comes here, mail to registers and services meets no script; then the owner's active script; then quota, in the writer.
 *
 * Never happens here: a delivery that fails because of a script. What cannot be done is kept in INBOX.
 */
import { subsystem } from '#kit/log.ts'
import { domainOf } from '#mailserver/accounts/address.ts'
import type { Accounts, MailingList, StoredAccount } from '#mailserver/accounts/port.ts'
import { hasBeenThrough, isFor, toMembers, withListFields } from '#mailserver/lists/list.ts'
import { arcSealed } from '#mailserver/seal/arc.ts'
import { seal } from '#mailserver/seal/seal.ts'
import type { Filed, Recipient, Store } from '#mailserver/store/port.ts'
import type { Act, Fcc, Notice, Outcome, Reply } from '../run/facts.ts'
import { edited, headerEnd } from './edit.ts'
import { jobFor } from './job.ts'
import { Locks } from './locks.ts'
import { faultNotice } from './notice.ts'
import { writeNotice } from './notify.ts'
import { mailOf, ownLines, refusal, type Send } from './outgoing.ts'
import { hasScripts } from './owners.ts'
import { hopsOf, redirected } from './redirect.ts'
import { writeReply } from './reply.ts'
import { Runner } from './runner.ts'

const log = subsystem('sieve')
/** A script that fails does so on every letter. */
const NOTICE_MS = 24 * 3600 * 1000
/** `duplicate` asks for keys one after the other; each answer "seen" is another run. */
const MOST_RUNS = 8
/** Scripts that one letter may set going by being sent on from one official to the next; what comes after lies in INBOX. */
const MOST_PLANS = 64

export type Letter = {
  raw: Uint8Array
  /** envelope sender, "" for <> */
  from: string
  at: number
  /** what the edge found of its origin (seal/arc.ts) */
  found?: string | undefined
  /** as for the store's job: who has the letter by an earlier one is not asked again what to do with it */
  handover?: string
}
export type Target = {
  account: StoredAccount
  /** the recipient as it was written */
  to: string
  recipient: Recipient
  /** the protocol can still refuse for this recipient alone (RFC 5429 §2.1); else a report goes to the sender */
  mayRefuse: boolean
  /** `account` is the one that sends for this group */
  list?: MailingList
}
/** `returned`: the owner refuses it, and a report to the sender says so */
export type Planned = { recipient: Recipient; refused?: string; returned?: true }

/** What one letter may still set going. */
type Trip = { plans: number }

export type FiltersGiven = { accounts: Accounts; store: Store; hostname: string }

export class Filters implements AsyncDisposable {
  readonly #given: FiltersGiven
  readonly #runner = new Runner()
  readonly #locks = new Locks()

  constructor(given: FiltersGiven) {
    this.#given = given
  }

  /**
   * Sends what came for a group to its members elsewhere, runs the scripts of those targets that have one, and `write` with what comes
   * of it. Deliveries to an owner whose script asks for duplicates wait for each other, so that of two equal letters one is the first.
   * @param write gets the targets in order; `refused`: answer the sender so, and write nothing for it
   */
  async file<T>(
    letter: Letter,
    targets: readonly Target[],
    write: (planned: readonly Planned[]) => Promise<T>,
  ): Promise<T> {
    const lists = targets.flatMap((t) => t.list ?? [])
    const scripts = targets.map((t) => this.#scriptOf(letter, t))
    const waiting = targets.flatMap((t, i) =>
      scripts[i] && /duplicate|include/i.test(scripts[i].text) ? [t.account.id] : [],
    )
    await using _held = await this.#locks.take(waiting)
    const trip: Trip = { plans: MOST_PLANS }
    const planned: Planned[] = []
    for (const [i, target] of targets.entries()) {
      const script = this.#hasIt(letter, target) ? undefined : scripts[i]
      const list = lists.find((each) => isFor(target, each))
      if (list && (target.list || hasBeenThrough(letter.raw, list))) {
        planned.push({ recipient: { ...target.recipient, filed: await this.#ofList(letter, target, list) } })
        continue
      }
      const member = list ? withListFields(target, list) : target
      planned.push(script ? await this.#plan(letter, member, script, trip) : { recipient: member.recipient })
    }
    // awaited here: what was taken above is given back when this returns
    return await write(planned)
  }

  /** A repeat whose answer was not heard: the store passes it over, and a script that would refuse it now must not. */
  #hasIt({ handover, at }: Letter, { account }: Target): boolean {
    return handover !== undefined && this.#given.store.read.handedOver(account.id, handover, at)
  }

  /** What goes to members elsewhere, of mail that no script decides about. */
  unfiltered(letter: Letter, targets: readonly Target[]): Promise<Planned[]> {
    return Promise.all(
      targets.map(async (target) => ({
        recipient: target.list
          ? { ...target.recipient, filed: await this.#ofList(letter, target, target.list) }
          : target.recipient,
      })),
    )
  }

  /** What goes on to the members elsewhere: nothing of what has been here before, and no spam. */
  async #ofList(letter: Letter, { list, recipient, to }: Target, group: MailingList): Promise<Filed> {
    const loop = hasBeenThrough(letter.raw, group)
    if (loop) log.warn({ group: group.address, to }, 'a letter comes to a group again; it is kept by nobody')
    const copies: Filed['copies'] = []
    if (list === undefined || loop || recipient.mailbox !== 'INBOX') return { copies, sends: [], remember: [] }
    const send = toMembers(letter, group)
    return { copies, sends: [{ ...send, raw: await this.#vouched(letter, group.account, send.raw) }], remember: [] }
  }

  #scriptOf({ raw }: Letter, { account, recipient }: Target): { name: string; text: string } | undefined {
    if (!hasScripts(account) || recipient.mailbox !== 'INBOX') return undefined
    // what says that it is an act is for an office's people to see, whatever its seal turns out to be
    if (account.kind === 'office' && isAct(raw)) return undefined
    return this.#given.accounts.scripts.active(account.id)
  }

  async #plan(letter: Letter, target: Target, script: { name: string; text: string }, trip: Trip): Promise<Planned> {
    const { account, recipient } = target
    try {
      const ran = await this.#run(letter, target, script)
      if ('fault' in ran) {
        log.warn(
          { account: account.address, script: script.name, ...ran.fault },
          'a script failed; the message is kept',
        )
        return { recipient: { ...recipient, filed: await this.#kept(letter, target, script.name, ran.fault) } }
      }
      return await this.#filed(letter, target, ran.outcome, trip)
    } catch (err) {
      log.error({ err, account: account.address }, 'a script could not be carried out; the message is kept')
      return { recipient }
    }
  }

  async #run(letter: Letter, target: Target, script: { name: string; text: string }) {
    const { store } = this.#given
    const job = jobFor(this.#given, letter, target, script.text)
    const seen: string[] = []
    for (let runs = 1; ; runs++) {
      const ran = await this.#runner.run({ ...job, facts: { ...job.facts, seen } })
      if ('fault' in ran || runs >= MOST_RUNS) return ran
      const known = ran.outcome.asked.filter(
        ({ key }) => !seen.includes(key) && store.read.remembers(target.account.id, key, letter.at),
      )
      if (known.length === 0) return ran
      seen.push(...known.map((k) => k.key))
    }
  }

  async #filed(letter: Letter, target: Target, outcome: Outcome, trip: Trip): Promise<Planned> {
    const { recipient } = target
    const { accounts, hostname } = this.#given
    const copies: Filed['copies'][number][] = []
    const sends: Send[] = []
    let returned = false
    for (const act of outcome.acts) {
      if (act.kind === 'file') copies.push(copyOf(letter, recipient, act))
      else if (act.kind === 'reply') sends.push(...(await this.#reply(letter, target, act, trip)))
      else if (act.kind === 'notify') sends.push(...(await this.#notify(letter, target, act, trip)))
      else if (act.kind === 'redirect') {
        const send = await this.#redirect(letter, target, act, trip)
        if (send) sends.push(send)
        else copies.push({ mailbox: 'INBOX', flags: [], create: false })
      } else {
        // a text that the protocol cannot carry goes in a report; ereject would rather be refused with other words
        const plain = /^[\x20-\x7e\r\n]{1,400}$/.test(act.reason)
        if (target.mayRefuse && (plain || act.by === 'ereject'))
          return { recipient, refused: plain ? act.reason.replaceAll(/[\r\n]+/g, ' ').trim() : '' }
        returned = true
        sends.push(...refusal(accounts, { hostname, ...letter, to: target.to, reason: act.reason }))
      }
    }
    const remember = outcome.asked.map(({ key, seconds, renew }) => ({ key, until: letter.at + seconds * 1000, renew }))
    const filed = { copies: onceEach(copies), sends, remember }
    return { recipient: { ...recipient, filed }, ...(returned ? { returned } : {}) }
  }

  /** @returns undefined: it has been there, or leads to nobody; the owner keeps it */
  async #redirect(
    letter: Letter,
    { account, recipient }: Target,
    act: Extract<Act, { kind: 'redirect' }>,
    trip: Trip,
  ): Promise<Send | undefined> {
    const hops = hopsOf(letter.raw)
    const found = this.#given.accounts.deliver(act.to)
    const there = found.verdict === 'ok' ? found.accounts : []
    const been = [...(hops ?? []), account.address.toLowerCase()]
    // who sent it on is not sent it back, and one's own address is no way out: somebody must keep it
    if (!hops || hops.includes(account.address.toLowerCase()) || there.some((a) => been.includes(a.address))) {
      log.warn({ account: account.address, to: act.to }, 'a redirect would loop; the message is kept')
      return undefined
    }
    const source = act.header ? edited(letter.raw, recipient.prefix, act.header) : letter.raw
    // errors go to the owner, who can mend the redirect; an answerless letter stays one (RFC 5321 §4.5.5)
    const from = letter.from === '' ? '' : account.address
    const onward = redirected(source, account.address)
    const raw = found.verdict === 'not-ours' ? await this.#vouched(letter, account, onward) : onward
    const sent = await this.#send({ ...letter, raw, from }, act.to, trip)
    return sent && { ...sent, orKeep: true }
  }

  /** To a stranger's server it goes with our word on where it came from; without it when that cannot be given. */
  async #vouched({ found, at }: Letter, account: StoredAccount, raw: Uint8Array): Promise<Uint8Array> {
    if (found === undefined) return raw
    const domain = domainOf(account.address)
    try {
      return await arcSealed(raw, { found, domain, keys: this.#given.accounts.sealKeys(domain), at: new Date(at) })
    } catch (err) {
      log.warn({ err, account: account.address }, 'a letter is sent on without ARC')
      return raw
    }
  }

  async #reply(letter: Letter, { account }: Target, act: Reply, trip: Trip): Promise<Send[]> {
    const { accounts, store } = this.#given
    // asked again in the writer, in the transaction: here it saves the work
    if (store.read.remembers(account.id, act.key, letter.at)) return []
    const domain = domainOf(act.from.address)
    const { raw } = writeReply(act, { domain, at: letter.at })
    const sealed = await seal(raw, domain, accounts.sealKeys(domain), new Date(letter.at))
    // RFC 5230 §5.1: the null sender, so that nothing answers it
    const sent = await this.#send({ at: letter.at, raw: sealed, from: '' }, act.to, trip)
    if (!sent) return []
    const once = { key: act.key, until: letter.at + act.seconds * 1000 }
    return [{ ...sent, local: [...sent.local, ...fileCopy(account.id, act.fcc)], once }]
  }

  /** One message to all of them, once in a while for each (RFC 5436 §2.7). */
  async #notify(letter: Letter, { account }: Target, act: Notice, trip: Trip): Promise<Send[]> {
    const { accounts, store } = this.#given
    const until = letter.at + act.seconds * 1000
    if (store.read.remembers(account.id, act.key, letter.at)) return []
    const domain = domainOf(act.from.address)
    const { raw } = writeNotice(act, { domain, owner: account.address, at: letter.at })
    const sealed = await seal(raw, domain, accounts.sealKeys(domain), new Date(letter.at))
    const sends: Send[] = []
    for (const to of [...act.to, ...act.cc, ...act.bcc]) {
      const sent = await this.#send({ at: letter.at, raw: sealed, from: '' }, to, trip)
      if (!sent) continue
      const first = sends.length === 0
      sends.push({
        ...sent,
        local: [...sent.local, ...(first ? fileCopy(account.id, act.fcc) : [])],
        once: { key: first ? act.key : `${act.key} ${to}`, until },
      })
    }
    return sends
  }

  /** A message to one address: to those of our accounts that it reaches, by their own scripts, or into the queue. */
  async #send(letter: Letter, to: string, trip: Trip): Promise<Send | undefined> {
    const found = this.#given.accounts.deliver(to)
    const mail = mailOf(letter.raw, letter.from, to)
    if (found.verdict === 'not-ours') return { ...mail, local: [], outside: [to] }
    if (found.verdict !== 'ok') return undefined
    const local: Recipient[] = []
    // a register takes letters from its people by their own hand, not by a rule
    for (const account of found.accounts.filter((a) => a.kind !== 'register')) {
      const target: Target = { account, to, mayRefuse: false, recipient: ownLines(account, to, letter.from) }
      const script = trip.plans > 0 ? this.#scriptOf(letter, target) : undefined
      trip.plans--
      local.push(script ? (await this.#plan(letter, target, script, trip)).recipient : target.recipient)
    }
    for (const list of found.lists) {
      const { account } = list
      const target: Target = { account, to, list, mayRefuse: false, recipient: ownLines(account, to, letter.from) }
      local.push({ ...target.recipient, filed: await this.#ofList(letter, target, list) })
    }
    return local.length > 0 ? { ...mail, local, outside: [] } : undefined
  }

  async #kept(
    letter: Letter,
    { account }: Target,
    script: string,
    fault: { line: number; vi: string; en: string },
  ): Promise<Filed> {
    const { accounts, store, hostname } = this.#given
    const copies = [{ mailbox: 'INBOX', flags: [], create: false }]
    const key = 'notice'
    if (store.read.remembers(account.id, key, letter.at)) return { copies, sends: [], remember: [] }
    const domain = domainOf(account.address)
    const { raw } = faultNotice({ hostname, domain, owner: account.address, script, fault, at: letter.at })
    const sealed = await seal(raw, domain, accounts.sealKeys(domain), new Date(letter.at))
    const send: Send = {
      ...mailOf(sealed, '', account.address),
      local: [{ account: account.id, mailbox: 'INBOX', prefix: ownLines(account, account.address, '').prefix }],
      outside: [],
      once: { key, until: letter.at + NOTICE_MS },
    }
    return { copies, sends: [send], remember: [] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner[Symbol.asyncDispose]()
  }
}

function copyOf(letter: Letter, recipient: Recipient, act: Extract<Act, { kind: 'file' }>): Filed['copies'][number] {
  return {
    mailbox: act.mailbox,
    flags: act.flags,
    create: act.create,
    ...(act.header ? { edited: { raw: edited(letter.raw, recipient.prefix, act.header) } } : {}),
  }
}

/** RFC 8580: the copy that stays with the owner, in the same transaction as what is sent. */
const fileCopy = (account: number, fcc: Fcc | undefined): Recipient[] =>
  fcc
    ? [
        {
          account,
          mailbox: 'INBOX',
          prefix: new Uint8Array(0),
          filed: { copies: [{ mailbox: fcc.mailbox, flags: fcc.flags, create: fcc.create }], sends: [], remember: [] },
        },
      ]
    : []

const isAct = (raw: Uint8Array): boolean => {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  return /^congso-kind[ \t]*:/im.test(octets.toString('latin1', 0, headerEnd(octets)))
}

const onceEach = (copies: readonly Filed['copies'][number][]): Filed['copies'] =>
  copies.filter((c, i) => copies.findIndex((other) => other.mailbox === c.mailbox) === i)
