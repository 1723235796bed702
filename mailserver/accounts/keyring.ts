/**
 * The keys that seal our mail: for each domain of ours one Ed25519 (RFC 8463) and one RSA-2048 pair (RFC 8301 §3.2; most of
 * the world verifies nothing newer), made at first use. Public halves stay in the table with their dates for ever;
 * private halves are files of mode 0600 that only the mail server reads.
 */
import { generateKeyPairSync } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { SealKey } from '#kit/directory/calls.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { dayOf } from './inforce.ts'
import type { SealKeyRow } from './store/keys.ts'
import type { Tables } from './store/tables.ts'

const algorithms = ['ed25519', 'rsa'] as const

export class Keyring {
  readonly #db: DatabaseSync
  readonly #t: Tables
  readonly #folder: string
  readonly #now: () => number
  /** file name → PEM; what a file holds never changes */
  readonly #private = new Map<string, string>()

  constructor(db: DatabaseSync, tables: Tables, folder: string, now: () => number) {
    this.#db = db
    this.#t = tables
    this.#folder = folder
    this.#now = now
  }

  /** Pairs in force, Ed25519 first. @throws Error when the domain is not ours or a private half is missing */
  inForce(domain: string): (SealKey & { privateKey: string })[] {
    const name = fold(domain)
    if (!this.#t.domains.has(name)) throw new Error(`there are no keys for ${name}: the domain is not ours`)
    let keys = this.#current(name)
    if (keys.length < algorithms.length)
      keys = transact(this.#db, () => {
        const have = this.#current(name)
        for (const algorithm of algorithms)
          if (!have.some((k) => k.algorithm === algorithm)) this.#make(name, algorithm)
        return this.#current(name)
      })
    return keys.map(({ file, ...key }) => ({ ...key, privateKey: this.#read(file!) }))
  }

  /** Every public key there ever was, partners' included. */
  list(domain?: string): SealKey[] {
    return this.#t.keys.find(domain === undefined ? undefined : fold(domain)).map(({ file: _, ...key }) => key)
  }

  #current(domain: string): SealKeyRow[] {
    const now = this.#now()
    return this.#t.keys
      .find(domain)
      .filter(
        (k) => k.file !== undefined && Date.parse(k.from) <= now && (k.to === undefined || now < Date.parse(k.to)),
      )
      .sort((a, b) => algorithms.indexOf(a.algorithm) - algorithms.indexOf(b.algorithm))
  }

  #make(domain: string, algorithm: SealKey['algorithm']): void {
    const pair =
      algorithm === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
    const taken = new Set(this.#t.keys.find(domain).map((k) => k.selector))
    const base = `${algorithm === 'rsa' ? 'r' : 'e'}${dayOf(this.#now()).replaceAll('-', '')}`
    let selector = base
    for (let n = 2; taken.has(selector); n++) selector = `${base}-${n}`
    const file = `${domain}.${selector}.pem`
    this.#write(file, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    this.#t.keys.insert({
      domain,
      selector,
      algorithm,
      publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      from: new Date(Math.floor(this.#now() / 60_000 - 1) * 60_000).toISOString(), // INTERNALDATE has whole seconds
      file,
    })
  }

  /** On the disk before the row that names it is committed. */
  #write(name: string, pem: string): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const draft = join(this.#folder, `${name}.new`)
    const fd = openSync(draft, 'w', 0o600)
    writeSync(fd, pem)
    fsyncSync(fd)
    closeSync(fd)
    renameSync(draft, join(this.#folder, name))
    const folder = openSync(this.#folder, 'r')
    fsyncSync(folder)
    closeSync(folder)
  }

  #read(file: string): string {
    const had = this.#private.get(file)
    if (had) return had
    const pem = readFileSync(join(this.#folder, file), 'utf8')
    this.#private.set(file, pem)
    return pem
  }
}
