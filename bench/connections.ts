/**
 * What an idle mail program costs: connections of one official that are signed in, have a mailbox selected, have asked what is flagged
 * (so that its flags are in memory) and wait in IDLE; and how soon all of them hear of new mail.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectSecured } from 'node:tls'
import { freePortBase } from '#test/suite.ts'
import { ImapConnection } from './imap.ts'
import { letterOf } from './letters.ts'
import { LmtpConnection } from './lmtp.ts'
import { addressOf, benchPassword, MailService } from './service.ts'
import { type Line, percentile } from './table.ts'

const aimKb = 40
const aimMs = 20
/** fewer than may be open without having signed in */
const atOnce = 50
/** as many as the garbage of their sign-ins takes to be collected */
const settleMs = 5_000
const patienceMs = 60_000
const largeMailbox = 100_000
/** letters to the official whose mailbox one connection waits on, while the others wait on theirs */
const announced = 100

/** One official with an empty mailbox, one with a large one. */
const person = { empty: addressOf(3), large: addressOf(4), reader: addressOf(5) }

/** Each number in a process of its own: what an earlier one has left in the heaps would be room for the next. */
export async function measureConnections(): Promise<Line[]> {
  const lines: Line[] = []
  const data = mkdtempSync(join(tmpdir(), 'congso-bench-'))
  const start = async () =>
    MailService.start({ data, base: await freePortBase(), people: 5, env: { CONGSO_IMAP_THREADS: '2' } })
  try {
    {
      await using service = await start()
      await fillMailbox(service)
    }
    for (const { count, secured, of } of [
      { count: 500, secured: false, of: 'empty' },
      { count: 2_000, secured: false, of: 'empty' },
      { count: 2_000, secured: false, of: 'large' },
      { count: 500, secured: true, of: 'empty' },
      { count: 2_000, secured: true, of: 'large' },
    ] as const) {
      await using service = await start()
      lines.push(...(await measure(service, { count, secured, of })))
    }
    return lines
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

type Wish = { count: number; secured: boolean; of: 'empty' | 'large' }

async function measure(service: MailService, { count, secured, of }: Wish): Promise<Line[]> {
  const one = () => idleConnection(service, { secured, address: person[of] })
  const open: Socket[] = []
  try {
    // the first ones make room that later ones use again
    for (let n = 0; n < atOnce; n += 10) open.push(...(await Promise.all(Array.from({ length: 10 }, one))))
    await pause(settleMs)
    const before = pssKb(service)
    while (open.length < count + atOnce)
      open.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count + atOnce - open.length) }, one))))
    await pause(settleMs)
    const kb = (pssKb(service) - before) / count
    const mailbox = of === 'large' ? `a mailbox of ${largeMailbox.toLocaleString('en-US')} selected` : 'INBOX selected'
    const what = `${count.toLocaleString('en-US')} in IDLE, ${mailbox}`
    const under = secured ? ' under TLS' : ''
    const times = await announceTimes(service, secured)
    return [
      {
        what: `idle IMAP connection${under}`,
        how: `PSS of the mail server for each of ${what}, kernel memory not counted`,
        unit: 'kB',
        measured: kb,
        aim: { most: aimKb },
      },
      {
        what: `250 of LMTP to EXISTS in IDLE${under}, p95`,
        how: `${announced} letters to one reader, beside ${what}; p50 ${percentile(times, 0.5).toFixed(1)} ms`,
        unit: 'ms',
        measured: percentile(times, 0.95),
        aim: { most: aimMs },
      },
    ]
  } finally {
    for (const socket of open) socket.destroy()
  }
}

/** Milliseconds from the 250 to the line that announces the letter; 0 when the line came first. */
async function announceTimes(service: MailService, secured: boolean): Promise<number[]> {
  const { imap, imaps, lmtp } = service.ports
  using reader = await ImapConnection.open(secured ? imaps : imap, { secured })
  await reader.ask(`LOGIN ${person.reader} ${benchPassword}`)
  await reader.ask('SELECT INBOX')
  reader.write('i IDLE\r\n')
  await reader.hear(/\+ idling/)
  using sender = await LmtpConnection.open({ host: '127.0.0.1', port: lmtp })
  const times: number[] = []
  for (let n = 0; n < announced; n++) {
    const heard = reader.hear(/EXISTS\r\n/).then(() => performance.now())
    await sender.deliver(person.reader, letterOf(letters++, person.reader))
    const delivered = performance.now()
    times.push(Math.max(0, (await heard) - delivered))
    await pause(20)
  }
  return times
}

let letters = 70_000_000

/** Some letters, and copies that the server makes of them. */
async function fillMailbox(service: MailService): Promise<void> {
  using sender = await LmtpConnection.open({ host: '127.0.0.1', port: service.ports.lmtp })
  for (let n = 0; n < 100; n++) await sender.deliver(person.large, letterOf(letters++, person.large))
  using imap = await ImapConnection.open(service.ports.imap)
  await imap.ask(`LOGIN ${person.large} ${benchPassword}`)
  await imap.ask('SELECT INBOX')
  for (let there = 100; there < largeMailbox; ) {
    const more = Math.min(there, largeMailbox - there)
    await imap.ask(`COPY 1:${more} INBOX`)
    await imap.ask('NOOP')
    there += more
  }
}

/** Resolves when the server has said that it waits. */
function idleConnection(service: MailService, given: { secured: boolean; address: string }): Promise<Socket> {
  const socket = given.secured
    ? connectSecured({ host: '127.0.0.1', port: service.ports.imaps, rejectUnauthorized: false }) // the service's own certificate
    : connect(service.ports.imap, '127.0.0.1')
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no IDLE within a minute')), patienceMs)
    let said = ''
    const hear = (octets: Buffer): void => {
      said += octets.toString('latin1')
      if (/^[abcd] (NO|BAD)|^\* BYE/m.test(said)) socket.destroy(new Error(said))
      if (!/^\+ idling/m.test(said)) return
      clearTimeout(timer)
      socket.off('data', hear).resume()
      resolve(socket)
    }
    socket.on('data', hear)
    socket.on('error', reject)
    socket.write(
      `a LOGIN ${given.address} "${benchPassword}"\r\nb SELECT INBOX\r\nc UID SEARCH RETURN (COUNT) FLAGGED\r\nd IDLE\r\n`,
    )
  })
}

/** smaps_rollup counts in kB of 1,024 octets */
function pssKb(service: MailService): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${service.pid()}/smaps_rollup`, 'utf8'))![1])
}
