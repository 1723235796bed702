/**
 * An LDAP directory (RFC 4511; Active Directory, OpenLDAP, FreeIPA) that judges passwords in our place: the person's entry is looked
 * for by her address, and a bind as that entry says whether the password is right (RFC 4513 §5.1.3). Nothing of it is kept here.
 */
import { readFileSync } from 'node:fs'
import { Client, type Entry, Filter, InvalidCredentialsError } from 'ldapts'
import { subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import type { PasswordJudge } from './judge.ts'

export type LdapSettings = {
  /** asked in this order; the next when one does not answer */
  urls: readonly string[]
  startTls: boolean
  /** PEM of an authority, or of the server itself; absent: those of the system */
  ca?: string
  bindDn: string
  bindPassword: string
  base: string
  /** RFC 4515, with {address} and {local} */
  filter: string
}

export type LdapPerson = { address: string; name: string; title?: string; disabled: boolean }

const PATIENCE_MS = 5_000
/** Connections at once from one thread; sign-ins that come on top wait for a turn, and beyond that are told to come again. */
const atOnce = 8
const mayWait = 200
const pageSize = 500
/** Active Directory's userAccountControl: ACCOUNTDISABLE */
const adDisabled = 2

const log = subsystem('ldap')

/** @returns undefined when no directory is set. @throws Error naming what is missing, or a file that cannot be read */
export function ldapSettings(s: {
  ldapUrl: string
  ldapStartTls: 'off' | 'on'
  ldapCa: string
  ldapBindDn: string
  ldapBindPassword: string
  ldapBase: string
  ldapFilter: string
}): LdapSettings | undefined {
  const urls = s.ldapUrl.split(/[\s,]+/).filter((url) => url !== '')
  if (urls.length === 0) return undefined
  for (const url of urls)
    if (!/^ldaps?:\/\/[^/\s]+\/?$/.test(url)) throw new Error(`CONGSO_LDAP_URL: "${url}" is not like ldaps://host:636`)
  if (s.ldapBase === '') throw new Error('CONGSO_LDAP_BASE is missing: where people are looked for in the directory')
  if (!s.ldapFilter.includes('{address}') && !s.ldapFilter.includes('{local}'))
    throw new Error('CONGSO_LDAP_FILTER names no {address} and no {local}: it would find anybody')
  return {
    urls,
    startTls: s.ldapStartTls === 'on',
    ...(s.ldapCa !== '' && { ca: readFileSync(s.ldapCa, 'utf8') }),
    bindDn: s.ldapBindDn,
    bindPassword: s.ldapBindPassword,
    base: s.ldapBase,
    filter: s.ldapFilter,
  }
}

export class LdapDirectory implements PasswordJudge {
  readonly #settings: LdapSettings
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(settings: LdapSettings) {
    this.#settings = settings
  }

  async fits(address: string, secret: string): Promise<boolean> {
    // RFC 4513 §5.1.2: a bind with a name and no password is anonymous, and succeeds
    if (secret === '') return false
    return this.#turn(() =>
      this.#asked(async (client) => {
        const dn = await this.#entryOf(client, address)
        if (dn === undefined) return false
        try {
          await client.bind(dn, secret)
          return true
        } catch (err) {
          if (err instanceof InvalidCredentialsError) return false
          throw err
        }
      }),
    )
  }

  /** Everybody with an address, as the directory lists them. @throws Refusal 503 */
  async people(): Promise<LdapPerson[]> {
    return this.#asked(async (client) => {
      const { searchEntries } = await client.search(this.#settings.base, {
        scope: 'sub',
        filter: '(mail=*)',
        attributes: ['mail', 'displayName', 'cn', 'title', 'userAccountControl'],
        paged: { pageSize },
      })
      return searchEntries.flatMap((entry) => {
        const [address] = texts(entry, 'mail')
        const [title] = texts(entry, 'title')
        const name = texts(entry, 'displayName')[0] ?? texts(entry, 'cn')[0]
        if (address === undefined || name === undefined) return []
        const disabled = (Number(texts(entry, 'userAccountControl')[0] ?? 0) & adDisabled) !== 0
        return [{ address, name, disabled, ...(title !== undefined && { title }) }]
      })
    })
  }

  /** @returns undefined when there is none, or more than one: whose password would that be? */
  async #entryOf(client: Client, address: string): Promise<string | undefined> {
    const filter = this.#settings.filter
      .replaceAll('{address}', Filter.escape(address))
      .replaceAll('{local}', Filter.escape(address.slice(0, address.lastIndexOf('@'))))
    const { searchEntries } = await client.search(this.#settings.base, {
      scope: 'sub',
      filter,
      attributes: ['1.1'],
      sizeLimit: 2,
    })
    if (searchEntries.length > 1) log.warn({ address }, 'more than one entry of the directory has this address')
    return searchEntries.length === 1 ? searchEntries[0]!.dn : undefined
  }

  /** On a connection of its own, bound as who may search. @throws Refusal 503 when no server answers */
  async #asked<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { urls, startTls, ca, bindDn, bindPassword } = this.#settings
    const tls = { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) } as const
    let last: unknown
    for (const url of urls) {
      const client = new Client({
        url,
        timeout: PATIENCE_MS,
        connectTimeout: PATIENCE_MS,
        strictDN: false,
        ...(url.startsWith('ldaps:') && { tlsOptions: tls }), // with them it would speak TLS at once at ldap:// too
      })
      try {
        if (startTls) await client.startTLS({ ...tls, servername: new URL(url).hostname })
        if (bindDn !== '') await client.bind(bindDn, bindPassword)
        return await work(client)
      } catch (err) {
        last = err
        log.error({ err, url }, 'the directory does not answer as it should')
      } finally {
        await client.unbind().catch(() => undefined) // it may be gone already
      }
    }
    throw new Refusal(
      503,
      'Máy chủ danh bạ của tỉnh không trả lời nên chưa kiểm tra được mật khẩu. Thử lại sau ít phút.',
      'the directory that judges passwords does not answer',
      { cause: last },
    )
  }

  async #turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= mayWait)
        throw new Refusal(
          429,
          'Máy chủ đang bận. Vui lòng đăng nhập lại sau vài giây.',
          'too many sign-ins at once; wait 5 seconds',
        )
      await new Promise<void>((go) => this.#waiting.push(go))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}

function texts(entry: Entry, attribute: string): string[] {
  const value = entry[attribute] ?? []
  return (Array.isArray(value) ? value : [value]).map(String).filter((text) => text !== '')
}
