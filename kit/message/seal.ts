import { createPublicKey } from 'node:crypto'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import type { Address, Instant, SealKey } from '#kit/directory/calls.ts'
import { domainOf, readAddresses, sameForm } from '#kit/mail/addresses.ts'
import { sealedFields } from '#kit/message/contract.ts'
import type { Field } from '#kit/message/header.ts'
import { peekHeader, readHeader, values } from '#kit/message/header.ts'
import { Refusal } from '#kit/refusal.ts'

/** Keys below this were broken by hobbyists; ours have 2048 (RFC 8301 §3.2 demands 1024). */
const MIN_RSA_BITS = 2048
/** A message has two signatures of ours (ed25519, rsa) and a few of relays; verifying one costs about a millisecond. */
const MAX_SIGNATURES = 8

export type Sealed = { ok: true; from: Address; sender?: Address; domain: string; selector: string }
/** none: ordinary mail. broken: it means to be sealed and is not, to be logged loudly. Neither is acted upon or ever answered. */
export type Unsealed = { ok: false; seal: 'none' | 'broken'; why: string }

/**
 * Checks the seal of a message (design §5): each field that decides anything is signed and there once, no `l=`, `d=` is exactly
 * the domain of From and of Sender, and the signature verifies by a key that was in force when the message came.
 *
 * @param given.keys from the control API's `keys.list`; DNS is never asked
 * @param given.at when the message was received (INTERNALDATE), never its Date field
 * @param given.register when given, the register's address that must stand in To
 */
export async function checkSeal(
  raw: Uint8Array,
  given: { keys: readonly SealKey[]; at: Instant; register?: Address },
): Promise<Sealed | Unsealed> {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const meansToBe = peekHeader(octets).some((f) => /^congso-/i.test(f.name))
  const no = (why: string, seal = meansToBe): Unsealed => ({ ok: false, seal: seal ? 'broken' : 'none', why })
  if (values(peekHeader(octets), 'DKIM-Signature').length === 0) return no('no DKIM-Signature')
  let fields: readonly Field[]
  let people: { from: Address; sender?: Address; domain: string }
  try {
    fields = readHeader(octets).fields
    people = whoActs(fields, given.register)
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    return no(err.message)
  }
  const signatures = values(fields, 'DKIM-Signature')
  if (signatures.length > MAX_SIGNATURES) return no(`${signatures.length} signatures`)
  const ours = signatures.map(tags).filter((t) => t?.get('d')?.toLowerCase() === people.domain)
  if (ours.length === 0) return no(`no signature of ${people.domain}`)
  const repeated = fields.find((f) => isSealed(f.name) && values(fields, f.name).length > 1)
  if (repeated) return no(`${repeated.name} is there twice`, true)

  const found = await dkimVerify(octets, {
    resolver: keyring(given),
    minBitLength: MIN_RSA_BITS,
    curTime: new Date(given.at),
  })
  const whys: string[] = []
  for (const t of ours) {
    const why = fault(t!, fields, found.results as readonly Verified[])
    if (why === undefined) return { ok: true, ...people, selector: t!.get('s')! }
    whys.push(`${t!.get('s')}: ${why}`)
  }
  return no(whys.join('; '), true)
}

type Verified = {
  signingDomain?: string
  selector?: string
  signature?: string
  status: { result: string; comment?: string }
}

/** Why this signature is no seal, or undefined. What it covers is read here, from the field itself: mailauth takes a list of its own when `h=` is missing. */
function fault(t: Tags, fields: readonly Field[], results: readonly Verified[]): string | undefined {
  if (t.has('l')) return 'l= leaves the end of the message open'
  if (!/^(rsa|ed25519)-sha256$/i.test(t.get('a') ?? '')) return `algorithm ${t.get('a')}`
  const signed = new Set(
    (t.get('h') ?? '')
      .toLowerCase()
      .split(':')
      .map((name) => name.trim()),
  )
  const open = fields.find((f) => isSealed(f.name) && !signed.has(f.name.toLowerCase()))
  if (open) return `${open.name} is not signed`
  const b = bare(t.get('b') ?? '')
  const verified = results.find(
    (r) => b !== '' && bare(r.signature ?? '') === b && r.selector === t.get('s') && r.signingDomain === t.get('d'),
  )
  if (!verified) return 'not a signature that can be verified'
  return verified.status.result === 'pass' ? undefined : verified.status.comment || verified.status.result
}

type Tags = ReadonlyMap<string, string>

/** RFC 6376 §3.2; undefined when a tag is there twice, which voids the whole field. */
function tags(value: string): Tags | undefined {
  const pairs = value
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const eq = part.indexOf('=')
      return [part.slice(0, eq).trim(), part.slice(eq + 1).trim()] as const
    })
  const map = new Map(pairs)
  return map.size === pairs.length ? map : undefined
}

function bare(base64: string): string {
  return base64.replaceAll(/\s/g, '')
}

function isSealed(name: string): boolean {
  return name.toLowerCase().startsWith('congso-') || sealedNames.has(name.toLowerCase())
}

const sealedNames: ReadonlySet<string> = new Set(sealedFields.map((name) => name.toLowerCase()))

/** @throws Refusal 422 when From or Sender is not exactly one address of one domain, or the register is not addressed */
function whoActs(
  fields: readonly Field[],
  register: Address | undefined,
): { from: Address; sender?: Address; domain: string } {
  const from = address(fields, 'From')
  if (!from) throw new Refusal(422, '', 'From is missing')
  const sender = address(fields, 'Sender')
  const domain = domainOf(from)
  if (sender && domainOf(sender) !== domain)
    throw new Refusal(422, '', `Sender ${sender} is of another domain than From ${from}`)
  if (register !== undefined) {
    const to = values(fields, 'To').flatMap((value) => readAddresses(value))
    if (!to.some((a) => sameForm(a.address) === sameForm(register)))
      throw new Refusal(422, '', `${register} is not in To`)
  }
  return { from, ...(sender ? { sender } : {}), domain }
}

function address(fields: readonly Field[], name: string): Address | undefined {
  const all = values(fields, name)
  if (all.length === 0) return undefined
  const people = all.flatMap((value) => readAddresses(value))
  if (people.length !== 1 || !people[0]!.address.includes('@'))
    throw new Refusal(422, '', `${name} must hold exactly one address`)
  return sameForm(people[0]!.address)
}

/** A stand-in for DNS: TXT records of the keys in force at the time. */
function keyring({ keys, at }: { keys: readonly SealKey[]; at: Instant }) {
  const now = Date.parse(at)
  return async function resolve(name: string): Promise<string[][]> {
    const key = keys.find((k) => `${k.selector}._domainkey.${k.domain}`.toLowerCase() === name.toLowerCase())
    const inForce = key && Date.parse(key.from) <= now && (key.to === undefined || now < Date.parse(key.to))
    if (!inForce) throw Object.assign(new Error(`no key ${name} in force at ${at}`), { code: 'ENOTFOUND' })
    return [[`v=DKIM1; k=${key.algorithm}; p=${publicOctets(key)}`]]
  }
}

/** taken out of their PEM once: the same few keys check every message */
const published = new WeakMap<SealKey, string>()

/** RFC 6376 §3.6.1 takes the SPKI of an RSA key; RFC 8463 §4.2 the bare 32 octets of an ed25519 key. */
function publicOctets(key: SealKey): string {
  const known = published.get(key)
  if (known !== undefined) return known
  const spki = createPublicKey(key.publicKey).export({ type: 'spki', format: 'der' })
  const found = (key.algorithm === 'ed25519' ? spki.subarray(-32) : spki).toString('base64')
  published.set(key, found)
  return found
}
