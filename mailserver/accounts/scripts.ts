/**
 * An account's Sieve scripts, kept as they were written. Whoever puts one here has had it checked; that it still is sound is
 * asked again when it runs. Every function is one transaction.
 */
import type { DatabaseSync } from 'node:sqlite'
import { transact } from '#kit/store/transact.ts'
import type { ActiveScript, ScriptRow } from './store/scripts.ts'
import type { Tables } from './store/tables.ts'

/** RFC 5804 clients keep a handful; include makes people split theirs. */
export const MAX_SCRIPTS = 32
/** All scripts of one account together: an editor reads them all, and they lie in the accounts' file. */
export const MAX_SCRIPTS_OCTETS = 1024 * 1024
/** RFC 5804 §1.6: names of at least 128 characters; counted in UTF-8 octets, so twice that with Vietnamese letters. */
export const MAX_SCRIPT_NAME = 512

export type ScriptRefusal = 'missing' | 'exists' | 'active' | 'too-many' | 'too-much' | 'bad-name'

export interface Scripts {
  list(account: number): ScriptRow[]
  get(account: number, name: string): string | undefined
  active(account: number): ActiveScript | undefined
  /** whether a script of that size may be put; it need not be new */
  room(account: number, name: string, octets: number): ScriptRefusal | undefined
  /** Replaces one of that name; an active one stays active. @param by who does it; absent: the owner */
  put(account: number, name: string, text: string, by?: string): ScriptRefusal | undefined
  /** @param name "" for none */
  activate(account: number, name: string): ScriptRefusal | undefined
  remove(account: number, name: string): ScriptRefusal | undefined
  /** an active one stays active (RFC 5804 §2.11.1) */
  rename(account: number, from: string, to: string): ScriptRefusal | undefined
}

export function scripts(db: DatabaseSync, t: Tables, now: () => number): Scripts {
  const named = (name: string): string => name.normalize('NFC')
  function room(account: number, name: string, octets: number): ScriptRefusal | undefined {
    if (!isScriptName(name)) return 'bad-name'
    const others = t.scripts.list(account).filter((s) => s.name !== named(name))
    if (others.length >= MAX_SCRIPTS) return 'too-many'
    return others.reduce((sum, s) => sum + s.octets, octets) > MAX_SCRIPTS_OCTETS ? 'too-much' : undefined
  }
  return {
    list: (account) => t.scripts.list(account),
    get: (account, name) => t.scripts.get(account, named(name)),
    active: (account) => t.scripts.active(account),
    room,
    put: (account, name, text, by) =>
      transact(db, () => {
        const refused = room(account, name, Buffer.byteLength(text))
        if (!refused) t.scripts.put(account, named(name), text, now(), by)
        return refused
      }),
    activate: (account, name) =>
      transact(db, () => {
        if (name !== '' && t.scripts.get(account, named(name)) === undefined) return 'missing'
        t.scripts.deactivate(account)
        if (name !== '') t.scripts.activate(account, named(name))
        return undefined
      }),
    remove: (account, name) =>
      transact(db, () => {
        if (t.scripts.get(account, named(name)) === undefined) return 'missing'
        if (t.scripts.active(account)?.name === named(name)) return 'active'
        t.scripts.remove(account, named(name))
        return undefined
      }),
    rename: (account, from, to) =>
      transact(db, () => {
        if (!isScriptName(to)) return 'bad-name'
        if (t.scripts.get(account, named(from)) === undefined) return 'missing'
        if (t.scripts.get(account, named(to)) !== undefined) return 'exists'
        t.scripts.rename(account, named(from), named(to))
        return undefined
      }),
  }
}

/** RFC 5804 §1.6: Net-Unicode without control characters, line and paragraph separators. */
export const isScriptName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= MAX_SCRIPT_NAME && !/[\p{Cc}\u2028\u2029\ufffd]/u.test(name)
