/**
 * The same work in stores of different sizes. Each size is a mail service of its own with the desk; they are measured by turns, so
 * that what else the machine does meets all of them. The mailbox that is measured is the same one in each (`sameMailbox`).
 *
 *   node bench/growth.ts DIR=MESSAGES…       measures folders that were filled before (bench/fill.ts), and keeps them
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { paths } from '#config/settings.ts'
import { freePortBase } from '#test/suite.ts'
import { DeskClient } from './deskclient.ts'
import { fill, sameMailbox } from './fill.ts'
import { ImapConnection } from './imap.ts'
import { letterOf } from './letters.ts'
import { LmtpConnection } from './lmtp.ts'
import { addressOf, benchPassword, MailService } from './service.ts'
import { type Line, percentile, table } from './table.ts'

const sizes = [10_000, 100_000]
/** From the smallest to the largest store nothing may take longer than by this factor: noise of a shared machine is within it. */
const aimRatio = 1.5
const rounds = 12
/** deliveries in each round, one after the other */
const lettersEach = 40
const connections = 16
const fillMs = 150_000
const settleMs = 3_000
const aimStartMs = 5_000

type Subject = {
  messages: number
  service: MailService
  startMs: number
  imap: ImapConnection
  large: ImapConnection
  lmtp: LmtpConnection
  desk: DeskClient
}
/** @returns milliseconds, of as many tries as it makes */
type Task = { what: string; do(on: Subject, round: number): Promise<number[]> }

let fresh = 50_000_000
const person = addressOf(sameMailbox.person)
const ask = async (imap: ImapConnection, command: string) => [(await imap.ask(command)).ms]

const tasks: readonly Task[] = [
  {
    what: 'delivery, one at a time',
    async do({ lmtp }) {
      const times: number[] = []
      for (let n = 0; n < lettersEach; n++) {
        const to = addressOf(2 + (n % 99))
        const raw = letterOf(fresh++, to)
        const begun = performance.now()
        await lmtp.deliver(to, raw)
        times.push(performance.now() - begun)
      }
      return times
    },
  },
  {
    what: 'SELECT of 10,000',
    do: ({ imap }) => ask(imap, 'SELECT INBOX'),
  },
  {
    what: 'newest 50, IMAP',
    do: ({ imap }) =>
      ask(imap, `FETCH ${sameMailbox.messages - 49}:${sameMailbox.messages} (UID FLAGS ENVELOPE RFC822.SIZE)`),
  },
  { what: 'flag of one message', do: ({ imap }, round) => ask(imap, `STORE ${100 + round} +FLAGS (f${round})`) },
  { what: 'SEARCH SUBJECT, a word', do: ({ imap }, n) => ask(imap, `SEARCH SUBJECT "${wordOf(n)}"`) },
  { what: 'SEARCH TEXT, a word', do: ({ imap }, n) => ask(imap, `SEARCH TEXT "${wordOf(n)}"`) },
  { what: 'SEARCH TEXT, a number there is once', do: ({ imap }, n) => ask(imap, `SEARCH TEXT "${codeOf(n)}"`) },
  { what: 'SEARCH TEXT, part of a word', do: ({ imap }, n) => ask(imap, `SEARCH TEXT "${wordOf(n).slice(1)}"`) },
  { what: 'SEARCH TEXT, nothing', do: ({ imap }, n) => ask(imap, `SEARCH TEXT "khongco${n}zzq"`) },
  { what: 'SORT by date', do: ({ imap }) => ask(imap, 'SORT (REVERSE DATE) UTF-8 ALL') },
  { what: 'THREAD', do: ({ imap }) => ask(imap, 'THREAD REFERENCES UTF-8 ALL') },
  {
    what: 'GET /thu',
    async do({ desk }) {
      const begun = performance.now()
      await desk.page('/thu')
      return [performance.now() - begun]
    },
  },
]

const someWords = [
  'nghi',
  'giao',
  'thuong',
  'quyet',
  'kiem',
  'truong',
  'phong',
  'dong',
  'nganh',
  'sach',
  'trinh',
  'thuy',
]
const wordOf = (n: number): string => someWords[n % someWords.length]!
const codeOf = (n: number): string => /Mã hồ sơ (\S+)/.exec(letterOf(n * 700 + 3, ''))![1]!

/** Fills stores of 10,000 and 100,000 messages, and measures. */
export async function measureGrowth(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'congso-bench-'))
  try {
    const stores: { data: string; messages: number }[] = []
    let done = 0
    for (const size of sizes) {
      const data = join(folder, String(size))
      const before = stores.at(-1)
      if (before) await cp(before.data, data, { recursive: true })
      else await (await MailService.start({ data, base: await freePortBase() }))[Symbol.asyncDispose]()
      done = await fill({ data, from: done, to: size, mostMs: fillMs })
      stores.push({ data, messages: done })
    }
    return await compare(stores)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param stores the smallest first */
export async function compare(stores: readonly { data: string; messages: number }[]): Promise<Line[]> {
  await using open = new AsyncDisposableStack()
  const subjects: Subject[] = []
  for (const { data, messages } of stores) {
    const begun = performance.now()
    const service = open.use(await MailService.start({ data, base: await freePortBase() }))
    const startMs = performance.now() - begun
    await service.also('desk')
    const imap = open.use(await ImapConnection.open(service.ports.imap))
    await imap.ask(`LOGIN ${person} ${benchPassword}`)
    const large = open.use(await ImapConnection.open(service.ports.imap))
    await large.ask(`LOGIN ${addressOf(0)} ${benchPassword}`)
    const lmtp = open.use(await LmtpConnection.open({ host: '127.0.0.1', port: service.ports.lmtp }))
    const desk = await DeskClient.signIn(service.desk, person, benchPassword)
    subjects.push({ messages, service, startMs, imap, large, lmtp, desk })
  }
  await pause(settleMs)
  const times = new Map<string, number[]>()
  const key = (what: string, s: Subject) => `${what} ${s.messages}`
  for (let round = 0; round <= rounds; round++)
    for (const task of tasks)
      for (const s of round % 2 ? subjects.toReversed() : subjects) {
        const took = await task.do(s, round)
        // code that has not run yet is slow for a moment
        if (round > 0) times.set(key(task.what, s), [...(times.get(key(task.what, s)) ?? []), ...took])
      }
  const lines = tasks.flatMap(({ what }) =>
    shares(
      what,
      subjects.map((s) => times.get(key(what, s))!),
    ),
  )
  lines.push(...(await saturated(subjects)))
  lines.push(
    ...curve(
      'start until it answers',
      'ms',
      subjects.map((s) => s.startMs),
      { most: aimStartMs },
    ),
  )
  lines.push(
    ...curve(
      'store on the disk',
      'kB a message',
      subjects.map((s) => sizeOf(s.service.data) / 1000 / s.messages),
    ),
  )
  lines.push(
    ...curve(
      'PSS of the mail server',
      'MB',
      subjects.map((s) => pssMb(s.service.pid())),
    ),
  )
  return lines

  function shares(what: string, of: number[][]): Line[] {
    return [0.5, 0.99]
      .filter((share) => share === 0.5 || of[0]!.length >= 100)
      .flatMap((share) =>
        curve(
          `${what}, p${share * 100}`,
          'ms',
          of.map((t) => percentile(t, share)),
        ),
      )
  }

  /** One line for the largest store, whose words have the others; the ratio is judged where there is no other aim. */
  function curve(what: string, unit: string, values: number[], aim?: Line['aim']): Line[] {
    const how = `at ${stores.map((s) => s.messages.toLocaleString('en-US')).join(' / ')} messages: ${values.map((v) => v.toPrecision(3)).join(' / ')}`
    return [
      {
        what,
        how,
        unit,
        measured: values.at(-1)!,
        ...(aim ? { aim } : unit === 'ms' ? { aim: { most: values[0]! * aimRatio } } : {}),
      },
    ]
  }

  /** Deliveries over many connections, by turns; and the processor time of each. */
  async function saturated(on: readonly Subject[]): Promise<Line[]> {
    const rates = on.map(() => ({ delivered: 0, ms: 0, cpu: 0 }))
    for (let turn = 0; turn < 3; turn++)
      for (const [i, s] of on.entries()) {
        const cpu = cpuMs(s.service.pid())
        const begun = performance.now()
        await Promise.all(
          Array.from({ length: connections }, async () => {
            using connection = await LmtpConnection.open({ host: '127.0.0.1', port: s.service.ports.lmtp })
            while (performance.now() - begun < 2_000) {
              const n = fresh++
              const to = addressOf(2 + (n % 99))
              await connection.deliver(to, letterOf(n, to))
              rates[i]!.delivered++
            }
          }),
        )
        rates[i]!.ms += performance.now() - begun
        rates[i]!.cpu += cpuMs(s.service.pid()) - cpu
      }
    return [
      ...curve(
        'deliveries over 16 connections',
        '/s',
        rates.map((r) => (r.delivered * 1000) / r.ms),
      ),
      ...curve(
        'processor time of a delivery',
        'ms',
        rates.map((r) => r.cpu / r.delivered),
      ),
    ]
  }
}

function sizeOf(data: string): number {
  const dir = paths(data).cell(1)
  let sum = 0
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !entry.name.endsWith('-wal')) sum += statSync(join(entry.parentPath, entry.name)).size
  return sum
}

const pssMb = (pid: number): number =>
  (Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) * 1024) / 1e6

/** of all threads; the kernel counts in hundredths of a second */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

if (import.meta.main) {
  const stores = process.argv.slice(2).map((given) => {
    const [data, messages] = given.split('=')
    if (!data || !Number(messages)) throw new Error('node bench/growth.ts DIR=MESSAGES…')
    return { data, messages: Number(messages) }
  })
  console.log(table(await compare(stores)))
}
