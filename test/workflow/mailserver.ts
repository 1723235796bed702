/** A real mail server process in an empty folder, seeded with the province, and workers beside it in this process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoPeople, seedDemonstration } from '#config/demo.ts'
import { loadSettings, paths, ports, type Settings } from '#config/settings.ts'
import type { Address, Directory, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { compose } from '#kit/mail/compose.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import { submit } from '#kit/mail/submit.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { type Message, readMessage } from '#kit/message/read.ts'
import { type Attachment, fileRef, writeCommand } from '#kit/message/write.ts'
import { leanEnv } from '#kit/process/lean.ts'
import { freePortBase } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { ProjectionReader } from '#workflow/projection/reader.ts'
import { startWorkers, type WorkersGiven } from '#workflow/worker/start.ts'
import { lodging, province, register } from './ledger.ts'

const root = join(import.meta.dirname, '../..')
export const password = demoPeople[0]!.password
let ids = 0

export class TestMail implements AsyncDisposable {
  settings: Settings
  #server: ChildProcess | undefined
  #output = ''

  private constructor(settings: Settings) {
    this.settings = settings
  }

  /** @param clock instant at which server and workers believe to start */
  static async start(clock = ''): Promise<TestMail> {
    const data = mkdtempSync(join(tmpdir(), 'congso-workflow-'))
    const { settings } = loadSettings(
      {
        data,
        portBase: String(await freePortBase()),
        rspamd: 'off',
        imapThreads: '1',
        hostname: 'mail.haiduong.gov.vn',
        clock,
      },
      {},
    )
    const mail = new TestMail(settings)
    try {
      await mail.startServer()
      await seedDemonstration({ directory: mail.directory('cli'), province, withPasswords: true })
    } catch (err) {
      await mail[Symbol.asyncDispose]()
      if (mail.output.includes('EADDRINUSE')) return TestMail.start(clock) // taken between our look and its listening
      throw err
    }
    return mail
  }

  async startServer(): Promise<void> {
    const { data, portBase } = this.settings
    const server = fork(
      join(root, 'congso.ts'),
      ['--data', data, '--port-base', String(portBase), 'serve', 'mailserver'],
      {
        cwd: root,
        env: {
          ...process.env,
          ...leanEnv(root),
          CONGSO_RSPAMD: 'off',
          CONGSO_IMAP_THREADS: '1',
          CONGSO_LOG_LEVEL: 'warn',
          CONGSO_CLOCK: this.settings.clock,
        },
        silent: true,
      },
    )
    this.#server = server
    for (const stream of [server.stdout, server.stderr])
      stream?.on('data', (d: Buffer) => (this.#output += d.toString()))
    const ready = once(server, 'message')
    const ended = once(server, 'exit').then(() => {
      throw new Error(`the mail server ended:\n${this.#output}`)
    })
    await Promise.race([ready, ended])
    ended.catch(() => {})
  }

  /** The suite's clock jumps: the server is stopped and started again. Workers are for the caller to end and start. */
  async moveTo(clock: string): Promise<void> {
    await this.#stop()
    this.settings = { ...this.settings, clock }
    await this.startServer()
  }

  get output(): string {
    return this.#output
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const ended = once(this.#server!, 'exit')
    this.#server!.kill('SIGKILL')
    await ended
  }

  directory(name: ProcessName): Directory & Disposable {
    const at = paths(this.settings.data)
    return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
  }

  workers(more: Partial<WorkersGiven> = {}): ReturnType<typeof startWorkers> {
    return startWorkers({
      settings: this.settings,
      province,
      directory: this.directory('workers'),
      only: [register],
      timerMs: 300,
      ...more,
    })
  }

  reader(): ProjectionReader {
    return new ProjectionReader(paths(this.settings.data).projections, register)
  }

  access(what: 'imap' | 'submission', user: Address, token = password): MailAccess {
    return { host: '127.0.0.1', port: ports(this.settings.portBase)[what], user, token, tls: 'none' }
  }

  open(user: Address): Promise<MailAccount> {
    return openAccount(this.access('imap', user))
  }

  async portalAccess(): Promise<MailAccess> {
    const { token } = await this.directory('portal')['auth.serviceToken']({ mailbox: province.portal })
    return this.access('submission', province.portal, token)
  }

  /** The register's own mailbox, as the workers open it. */
  async registerBox(): Promise<MailAccount> {
    const { token } = await this.directory('workers')['auth.serviceToken']({ mailbox: register })
    return openAccount(this.access('imap', register, token))
  }

  /** An application, lodged as the portal does. @returns its Message-ID */
  async lodge(id: string, file: Attachment): Promise<string> {
    return this.command({
      by: province.portal,
      access: await this.portalAccess(),
      kind: 'dossier.lodge',
      case: id,
      saw: 0,
      data: lodging([fileRef(file)]),
      files: [file],
    })
  }

  /** A structured command, as the desk or the portal sends it. @returns its Message-ID */
  async command(given: {
    by: Address
    office?: Address
    kind: string
    case: string
    saw: number
    data?: unknown
    files?: readonly Attachment[]
    id?: string
    access?: MailAccess
    to?: Address
  }): Promise<string> {
    const messageId = given.id ?? `test-${++ids}-${Date.now()}@haiduong.gov.vn`
    const to = given.to ?? register
    const raw = await writeCommand(
      {
        from: { address: given.office ?? given.by },
        ...(given.office ? { sender: { address: given.by } } : {}),
        to: [{ address: to }],
        subject: `${given.kind} ${given.case}`,
        messageId,
        date: new Date(),
      },
      letterBodies({ agency: 'Sở', paragraphs: [given.kind] }),
      { kind: given.kind, v: 1, case: given.case, saw: given.saw, data: given.data ?? {} },
      given.files ?? [],
    )
    await submit(given.access ?? this.access('submission', given.by), { from: given.office ?? given.by, to: [to], raw })
    return messageId
  }

  /** An ordinary reply to a letter, as any mail program writes it. */
  async reply(given: {
    by: Address
    to: Address
    line: string
    subject?: string
    files?: readonly Attachment[]
  }): Promise<string> {
    const messageId = `reply-${++ids}-${Date.now()}@haiduong.gov.vn`
    const raw = await compose({
      from: { address: given.by },
      to: [{ address: given.to }],
      subject: `Re: ${given.subject ?? 'thư'}`,
      messageId,
      date: new Date(),
      text: `${given.line}\n\nVào Th 5, 26 thg 11, 2026 vào lúc 09:00 Sổ văn bản <so.stttt@haiduong.gov.vn> đã viết:\n> DUYỆT\n`,
      files: [...(given.files ?? [])],
    })
    await submit(this.access('submission', given.by), { from: given.by, to: [given.to], raw })
    return messageId
  }

  /** The newest letters of a folder, read, newest first. */
  async letters(account: MailAccount, folder: string): Promise<(Message & { uid: number })[]> {
    const { messages } = await account.page({ folder, offset: 0, limit: 50 })
    const read: (Message & { uid: number })[] = []
    for (const { uid } of messages) {
      const message = readMessage(await account.source({ folder, uid }))
      if (message) read.push({ ...message, uid })
    }
    return read
  }

  /** Waits for the letter about event `seq` that asks for `kind`. */
  async letterAsking(account: MailAccount, folder: string, kind: string, seq: number): Promise<Message> {
    return until(`a letter that asks for ${kind} after entry ${seq} in ${folder}`, async () =>
      (await this.letters(account, folder)).find(
        (m) => m.is === 'notice' && m.notice.seq === seq && m.notice.asks.includes(kind),
      ),
    )
  }

  /** Waits for the event of a command. */
  entry(reader: ProjectionReader, command: string) {
    return until(`the event of ${command}`, () => reader.entryOf(command)).catch((err: Error) => {
      throw new Error(`${err.message}\n${this.#output.slice(-3000)}`)
    })
  }

  async #stop(): Promise<void> {
    if (!this.#server || this.#server.exitCode !== null || this.#server.signalCode !== null) return
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGTERM')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    rmSync(this.settings.data, { recursive: true, force: true })
  }
}
