/** What an idle mail program costs: connections of one official that are signed in, have INBOX selected and wait in IDLE. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectSecured } from 'node:tls'
import { password } from '#test/journey/staff.ts'
import type { TestSuite } from '#test/suite.ts'
import type { Line } from './table.ts'

const person = 'an.nguyen@haiduong.gov.vn'
const aimKb = 40
/** fewer than may be open without having signed in */
const atOnce = 50
/** as many as the garbage of their sign-ins takes to be collected */
const settleMs = 5_000
const patienceMs = 60_000

export async function measureConnections(suite: TestSuite): Promise<Line[]> {
  const lines: Line[] = []
  for (const [count, secured] of [
    [500, false],
    [1_800, false],
    [500, true],
  ] as const)
    lines.push(await measure(suite, count, secured))
  return lines
}

async function measure(suite: TestSuite, count: number, secured: boolean): Promise<Line> {
  const one = () => idleConnection(secured ? suite.ports.imaps : suite.ports.imap, secured)
  const open: Socket[] = []
  try {
    // the first ones make room that later ones use again
    for (let n = 0; n < atOnce; n += 10) open.push(...(await Promise.all(Array.from({ length: 10 }, one))))
    await pause(settleMs)
    const before = pssKb(suite)
    while (open.length < count + atOnce)
      open.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count + atOnce - open.length) }, one))))
    await pause(settleMs)
    const kb = (pssKb(suite) - before) / count
    return {
      what: `idle IMAP connection${secured ? ' under TLS' : ''}`,
      how: `PSS of the mail server for each of ${count.toLocaleString('en-US')} in IDLE, kernel memory not counted`,
      unit: 'kB',
      measured: kb,
      aim: { most: aimKb },
    }
  } finally {
    for (const socket of open) socket.destroy()
    await pause(settleMs)
  }
}

/** Resolves when the server has said that it waits. */
function idleConnection(port: number, secured: boolean): Promise<Socket> {
  const socket = secured
    ? connectSecured({ host: '127.0.0.1', port, rejectUnauthorized: false }) // the suite's own certificate
    : connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no IDLE within a minute')), patienceMs)
    let said = ''
    const hear = (octets: Buffer): void => {
      said += octets.toString('latin1')
      if (/^[abc] (NO|BAD)|^\* BYE/m.test(said)) socket.destroy(new Error(said))
      if (!/^\+ idling/m.test(said)) return
      clearTimeout(timer)
      socket.off('data', hear).resume()
      resolve(socket)
    }
    socket.on('data', hear)
    socket.on('error', reject)
    socket.write(`a LOGIN ${person} "${password}"\r\nb SELECT INBOX\r\nc IDLE\r\n`)
  })
}

/** smaps_rollup counts in kB of 1,024 octets */
function pssKb(suite: TestSuite): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${suite.pid('mailserver')}/smaps_rollup`, 'utf8'))![1])
}
