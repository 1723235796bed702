import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { connect as connectSecured, type TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { type AccountBook, openAccounts } from '#mailserver/accounts/open.ts'
import { type Sessions, type SessionsGiven, startSessions } from '#mailserver/sessions/start.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { Current } from '#mailserver/tls/certificates.ts'
import { selfSigned } from '#test/mailserver/selfsigned.ts'

export const domain = 'haiduong.gov.vn'
export const password = 'Hoa phượng 2026!'
export const an = `an.nguyen@${domain}`
export const ha = `ha.tran@${domain}`
export const office = `motcua.stttt@${domain}`
export const register = `so.stttt@${domain}`

export type Fixture = AsyncDisposable & {
  imap: Sessions
  store: StoreHost
  accounts: AccountBook
  dir: string
  tls: { key: string; cert: string }
  certificates: Current
  given: SessionsGiven
  connect(): Promise<Client>
  /** signed in */
  as(address: string): Promise<Client>
  deliver(address: string, raw: string | Buffer, prefix?: string): Promise<number>
  /** restarts the service on other ports */
  id(address: string): number
}

/** Audits the store when it ends. */
export async function startFixture({ threads = 2, maxMessageMb = 5, quota = 20 * 1024 ** 2 } = {}): Promise<Fixture> {
  const dir = mkdtempSync(join(tmpdir(), 'imap-'))
  const accountsPath = join(dir, 'accounts.sqlite')
  const accounts = openAccounts(accountsPath)
  accounts.addDomain(domain)
  await accounts.addAccount({ address: an, name: 'Nguyễn An', password, quota })
  await accounts.addAccount({ address: ha, name: 'Trần Hà', password, quota })
  await accounts.addAccount({ address: office, name: 'Bộ phận Một cửa', kind: 'office', role: 'clerk' })
  await accounts.addAccount({ address: register, name: 'Sổ hồ sơ', kind: 'register', role: 'register' })
  mkdirSync(join(dir, 'cell'))
  const store = await openStoreHost({ dir: join(dir, 'cell') })
  const id = (address: string) => accounts.byAddress(address)!.id
  for (const [address, kind] of [
    [an, 'person'],
    [ha, 'person'],
    [office, 'office'],
    [register, 'register'],
  ] as const)
    await store.write('openAccount', { account: id(address), kind })
  const tls = selfSigned(dir)
  const certificates = new Current([{ name: 'localhost', ...tls }])
  const given: SessionsGiven = {
    settings: { imapThreads: threads, listen: '127.0.0.1', portBase: 0, hostname: 'mail.test', maxMessageMb },
    store,
    accountsPath,
    tls: certificates,
    ports: { imap: 0, imaps: 0, pop3: 0, pop3s: 0, sieve: 0 },
  }
  const imap = await startSessions(given)
  const clients: Client[] = []
  const connect = async () => {
    const client = new Client(connectPlain(imap.ports.imap, '127.0.0.1'))
    clients.push(client)
    expect(await client.until('\r\n')).to.match(/^\* OK /) // nobody else's port
    return client
  }
  return {
    imap,
    store,
    accounts,
    dir,
    tls,
    certificates,
    given,
    connect,
    id,
    async as(address) {
      const client = await connect()
      await client.ok(`LOGIN ${address} "${password}"`)
      return client
    },
    async deliver(address, raw, prefix = '') {
      const { results } = await store.write('deliver', {
        raw: Buffer.from(raw),
        recipients: [{ account: id(address), mailbox: 'INBOX', prefix: Buffer.from(prefix) }],
        at: Date.now(),
      })
      const [result] = results
      if (!result?.ok) throw new Error('not delivered')
      return result.uid
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      await imap[Symbol.asyncDispose]()
      const findings = await store.audit()
      await store[Symbol.asyncDispose]()
      accounts[Symbol.dispose]()
      rmSync(dir, { recursive: true, force: true })
      expect(findings, 'store audit').to.deep.equal([])
    },
  }
}

export const mail = (subject: string, body = 'Kính gửi Sở TT&TT.', more = '') =>
  `From: Ha <ha@ngoai.vn>\r\nTo: ${an}\r\nSubject: ${subject}\r\nDate: Mon, 23 Nov 2026 08:00:00 +0700\r\nMessage-ID: <${subject.replaceAll(/[^a-z0-9]/gi, '')}@ngoai.vn>\r\n${more}\r\n${body}\r\n`

/** Sends what it is told and gathers what comes; octets as latin1, so that lengths are octets. */
export class Client {
  socket: Socket
  received = ''
  closed = false
  #wake: (() => void)[] = []
  #tag = 0

  constructor(socket: Socket) {
    this.socket = socket
    this.#wire()
  }

  /** Gathers what comes out of this. */
  take(from: Readable): void {
    from.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1')
      for (const wake of this.#wake.splice(0)) wake()
    })
  }

  #wire(): void {
    this.take(this.socket)
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      for (const wake of this.#wake.splice(0)) wake()
    })
  }

  /** Continues under TLS. */
  async secure(): Promise<void> {
    this.socket.removeAllListeners('data')
    this.socket.removeAllListeners('close')
    const secured: TLSSocket = connectSecured({ socket: this.socket, rejectUnauthorized: false })
    this.socket = secured
    await once(secured, 'secureConnect')
    this.#wire()
  }

  write(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'utf8') : data)
  }

  /** Everything received up to and with this text, taken away. @throws Error when the connection closes first */
  async until(what: string | RegExp): Promise<string> {
    for (;;) {
      const at = typeof what === 'string' ? this.received.indexOf(what) : this.received.search(what)
      if (at !== -1) {
        const end = typeof what === 'string' ? at + what.length : at + what.exec(this.received)![0].length
        const taken = this.received.slice(0, end)
        this.received = this.received.slice(end)
        return taken
      }
      if (this.closed)
        throw new Error(`closed while waiting for ${what}; received ${JSON.stringify(this.received.slice(-500))}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  async untilClosed(): Promise<string> {
    while (!this.closed) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.received
  }

  /** @returns the whole answer, its last line without the tag */
  async command(text: string | Buffer): Promise<string> {
    const tag = `t${++this.#tag}`
    this.write(Buffer.concat([Buffer.from(`${tag} `), Buffer.from(text), Buffer.from('\r\n')]))
    const answer = await this.until(new RegExp(`^${tag} [^\r\n]*\r\n`, 'm'))
    return answer.replace(new RegExp(`^${tag} `, 'm'), '')
  }

  async ok(text: string | Buffer): Promise<string> {
    const answer = await this.command(text)
    expect(answer, String(text)).to.match(/^OK /m)
    return answer
  }

  async append(mailbox: string, raw: string | Buffer, options = ''): Promise<string> {
    const octets = Buffer.from(raw)
    return this.command(Buffer.concat([Buffer.from(`APPEND ${mailbox} ${options}{${octets.length}+}\r\n`), octets]))
  }

  destroy(): void {
    this.socket.destroy()
  }
}
