/**
 * How long a sender waits at saturation: from the end of DATA to the 250, for a minute in which the write-ahead log is copied back many
 * times. What is asked is whether that shows.
 */
import { statSync } from 'node:fs'
import { paths } from '#config/settings.ts'
import { letterOf } from './letters.ts'
import { LmtpConnection } from './lmtp.ts'
import { addressOf, type MailService } from './service.ts'
import { type Line, percentile } from './table.ts'

const connections = 16
const runMs = 60_000
const warmMs = 2_000
const aimMb = 256
/** The slowest may wait so many times as long as the middle one. */
const aimFactor = 10
const steps = [5, 10, 20, 50, 100, 200, 500, 1_000, Number.POSITIVE_INFINITY]

export async function measureSaturation(service: MailService): Promise<Line[]> {
  await deliverFor(service, warmMs)
  let largestLog = 0
  const log = `${paths(service.data).cell(1)}/cell.sqlite-wal`
  const watch = setInterval(() => {
    largestLog = Math.max(largestLog, statSync(log).size)
  }, 250)
  const { times, ms } = await deliverFor(service, runMs)
  clearInterval(watch)
  const p50 = percentile(times, 0.5)
  const counts = steps.map((step, i) => {
    const from = steps[i - 1] ?? 0
    return `${step === Number.POSITIVE_INFINITY ? `over ${from}` : `≤ ${step}`} ms: ${times.filter((t) => t > from && t <= step).length}`
  })
  const how = `LMTP, ${connections} connections for ${(ms / 1000) | 0} s, letters of 2 kB`
  return [
    { what: 'deliveries at saturation', how, unit: '/s', measured: (times.length * 1000) / ms },
    { what: 'DATA to 250 at saturation, p50', how, unit: 'ms', measured: p50 },
    {
      what: 'DATA to 250 at saturation, p99',
      how: counts.join(', '),
      unit: 'ms',
      measured: percentile(times, 0.99),
      aim: { most: p50 * aimFactor },
    },
    {
      what: 'DATA to 250 at saturation, the longest',
      how,
      unit: 'ms',
      measured: times.reduce((a, b) => Math.max(a, b), 0),
    },
    { what: 'write-ahead log, largest', how, unit: 'MB', measured: largestLog / 1e6, aim: { most: aimMb } },
  ]
}

let letters = 80_000_000

async function deliverFor(service: MailService, forMs: number): Promise<{ times: number[]; ms: number }> {
  const begun = performance.now()
  const times: number[] = []
  await Promise.all(
    Array.from({ length: connections }, async () => {
      using connection = await LmtpConnection.open({ host: '127.0.0.1', port: service.ports.lmtp })
      while (performance.now() - begun < forMs) {
        const n = letters++
        const to = addressOf(2 + (n % 99))
        times.push(
          await connection.deliverToAll({
            from: 'bench@example.org',
            to: [to],
            raw: Buffer.from(letterOf(n, to)),
            answers: 1,
          }),
        )
      }
    }),
  )
  return { times, ms: performance.now() - begun }
}
