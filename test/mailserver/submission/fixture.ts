import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type AccountBook, openAccounts } from '#mailserver/accounts/open.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { Current } from '#mailserver/tls/certificates.ts'
import { selfSigned } from '#test/mailserver/selfsigned.ts'

export const domain = 'haiduong.gov.vn'
/** ASCII, since Python's smtplib cannot send any other */
export const password = 'Hoa-phuong-2026!'
export const marked = 'Hoa phượng đỏ 2026!'
export const an = `an.nguyen@${domain}`
export const ha = `ha.tran@${domain}`
export const full = `day.hop@${domain}`
export const office = `motcua.stttt@${domain}`
export const register = `so.stttt@${domain}`

export const settings = { listen: '127.0.0.1', portBase: 0, hostname: 'mail.haiduong.gov.vn', maxMessageMb: 2 }

export type Ground = AsyncDisposable & {
  dir: string
  store: StoreHost
  accounts: AccountBook
  filters: Filters
  tls: Current
  /** PEM of the certificate */
  ca: string
  id(address: string): number
  /** octets of the messages in a folder, oldest first */
  inbox(address: string, folder?: string): string[]
}

export async function openGround(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'submission-'))
  const accounts = openAccounts(join(dir, 'accounts.sqlite'))
  accounts.addDomain(domain)
  await accounts.addAccount({ address: an, name: 'Nguyễn Văn An', password, quota: 20 * 1024 ** 2 })
  await accounts.addAccount({ address: ha, name: 'Trần Thị Hà', password, quota: 20 * 1024 ** 2 })
  await accounts.addAccount({ address: full, name: 'Hộp Đầy', password: marked, quota: 4096 })
  await accounts.addAccount({ address: office, name: 'Bộ phận Một cửa', kind: 'office', role: 'clerk' })
  await accounts.addAccount({ address: register, name: 'Sổ hồ sơ', kind: 'register', role: 'register' })
  accounts.addGrant({ person: ha, office, rights: ['read', 'act', 'send'], from: '2026-01-01T00:00:00Z' })
  mkdirSync(join(dir, 'cell'))
  const store = await openStoreHost({ dir: join(dir, 'cell') })
  const filters = new Filters({ accounts, store, hostname: settings.hostname })
  const id = (address: string) => accounts.byAddress(address)!.id
  for (const [address, kind] of [
    [an, 'person'],
    [ha, 'person'],
    [full, 'person'],
    [office, 'office'],
    [register, 'register'],
  ] as const)
    await store.write('openAccount', { account: id(address), kind })
  const pair = selfSigned(dir)
  return {
    dir,
    store,
    accounts,
    filters,
    tls: new Current([{ name: 'localhost', ...pair }]),
    ca: pair.cert,
    id,
    inbox(address, folder = 'INBOX') {
      const box = store.read.mailbox(id(address), folder)
      if (!box) return []
      return store.read
        .rows(box.id, { ranges: [[1, 2 ** 32 - 1]], limit: 1000 })
        .map((row) => Buffer.concat([...store.read.octets(row.message)]).toString('utf8'))
    },
    async [Symbol.asyncDispose]() {
      await filters[Symbol.asyncDispose]()
      const findings = await store.audit()
      await store[Symbol.asyncDispose]()
      accounts[Symbol.dispose]()
      rmSync(dir, { recursive: true, force: true })
      expect(findings).to.deep.equal([])
    },
  }
}

/** A raw SMTP client: says a line, gives back the whole reply. */
export class Talk implements AsyncDisposable {
  readonly socket: Socket
  #text = ''
  #wake: (() => void) | undefined
  #ended = false
  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      this.#text += chunk
      this.#wake?.()
    })
    const end = () => {
      this.#ended = true
      this.#wake?.()
    }
    socket.on('close', end)
    socket.on('error', end)
  }
  static async open(port: number): Promise<Talk> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const talk = new Talk(socket)
    expect(await talk.reply()).to.match(/^220 /)
    return talk
  }
  /** the next reply, its last line included; "" when the connection ended */
  async reply(): Promise<string> {
    for (;;) {
      const m = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.#text)
      if (m) {
        this.#text = this.#text.slice(m[0].length)
        return m[0].trimEnd()
      }
      if (this.#ended) return ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.reply()
  }
  async signIn(address: string, secret = password): Promise<string> {
    await this.say('EHLO may.tinh')
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${address}\0${secret}`).toString('base64')}`)
  }
  /** MAIL, RCPT for each, DATA; the last reply, or the first refusal */
  async mail(from: string, to: string[], message: string | Buffer, params = ''): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>${params}`, ...to.map((t) => `RCPT TO:<${t}>`), 'DATA']) {
      const reply = await this.say(line)
      if (!/^[23]/.test(reply)) return reply
    }
    this.socket.write(message)
    this.socket.write('\r\n.\r\n')
    return this.reply()
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }
}

export function letter(from: string, to: string, more = ''): string {
  return `From: <${from}>\r\nTo: <${to}>\r\nSubject: Th=?utf-8?Q?=C6=B0?=\r\n${more}\r\nKính gửi quý vị,\r\n`
}
