/** Durable deliveries: LMTP over 16 connections, small letters to all people of the province in turn. */
import type { TestSuite } from '#test/suite.ts'
import { province } from '#test/workflow/ledger.ts'
import { LmtpConnection } from './lmtp.ts'
import type { Line } from './table.ts'

export const connections = 16
const runMs = 5_000

export async function measureDeliveries(suite: TestSuite): Promise<Line[]> {
  const people = province.people.map((p) => p.address)
  await deliverFor(suite, people, { ms: 1_000, most: Infinity }) // code that has not run yet is slow for a moment
  const { delivered, ms } = await deliverFor(suite, people, { ms: runMs, most: Infinity })
  return [
    {
      what: 'durable deliveries',
      how: `LMTP, ${connections} connections, ${delivered} letters of 1 kB to ${people.length} people`,
      unit: '/s',
      measured: (delivered * 1000) / ms,
    },
  ]
}

/** Delivers in turn to all addresses until the time is over or `most` is reached. */
export async function deliverFor(
  suite: TestSuite,
  addresses: readonly string[],
  until: { ms: number; most: number },
): Promise<{ delivered: number; ms: number }> {
  const begun = performance.now()
  let started = 0
  let delivered = 0
  const one = async (): Promise<void> => {
    using connection = await LmtpConnection.open({ host: '127.0.0.1', port: suite.ports.lmtp })
    while (started < until.most && performance.now() - begun < until.ms) {
      const n = started++
      await connection.deliver(addresses[n % addresses.length]!, letter(n))
      delivered++
    }
  }
  await Promise.all(Array.from({ length: connections }, one))
  return { delivered, ms: performance.now() - begun }
}

let letters = 0

function letter(n: number): string {
  return [
    'From: Nguoi Gui <bench@example.org>',
    'To: Nguoi Nhan <nhan@example.org>',
    `Subject: =?utf-8?Q?Th=C6=B0_s=E1=BB=91?= ${n}`,
    `Message-ID: <bench-${process.pid}-${++letters}@example.org>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...Array.from({ length: 10 }, (_, i) => `${i} Kinh gui co quan, day la mot dong chu cua la thu thu ${n}.`),
  ].join('\r\n')
}
