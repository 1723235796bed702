/**
 * Fills a cell with letters by the store's own jobs, as LMTP gives them, without the network: two threads read the messages, the
 * writer writes. The mail server must not run meanwhile.
 *
 *   node bench/fill.ts DIR FROM TO SECONDS       from 0 in a new folder; prints how far it came
 */
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { paths } from '#config/settings.ts'
import { openDatabase } from '#kit/store/open.ts'
import { joinStore, openStoreHost } from '#mailserver/store/open.ts'
import type { AccountId } from '#mailserver/store/port.ts'
import { freePortBase } from '#test/suite.ts'
import { letterOf } from './letters.ts'
import { addressOf, MailService } from './service.ts'

/** All of the first letters: so this mailbox is the same in a store of any size. */
export const sameMailbox = { person: 1, messages: 10_000 }
/** Every ninth letter after these. */
export const largePerson = 0
const people = 100
const threads = 2
/** jobs that a thread has under way */
const atOnce = 250

type FillerData = { store: MessagePort; accounts: readonly AccountId[]; from: number; to: number; number: number }

/** Whom letter n goes to. */
export function personOf(n: number): number {
  if (n < sameMailbox.messages) return sameMailbox.person
  if (n % 9 === 0) return largePerson
  return 2 + ((Math.imul(n, 2654435761) >>> 8) % (people - 1))
}

/** Adds the letters [from, to), or those that fit into the time. @returns how many there are then */
export async function fill(given: { data: string; from: number; to: number; mostMs: number }): Promise<number> {
  const at = paths(given.data)
  using db = openDatabase(at.accounts, { readOnly: true })
  const find = db.prepare('select id from account where address = ?')
  const accounts = Array.from({ length: people + 1 }, (_, n) => Number(find.get(addressOf(n))!['id']))
  await using store = await openStoreHost({ dir: at.cell(1) })
  let next = given.from
  const end = performance.now() + given.mostMs
  const step = 500
  const ask = () => {
    if (next >= given.to || performance.now() > end) return undefined
    const from = next
    next = Math.min(given.to, next + step)
    return { from, to: next }
  }
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const port = store.invite()
      const thread = new Worker(new URL('./fill.ts', import.meta.url), {
        workerData: { store: port, accounts },
        transferList: [port],
      })
      await new Promise<void>((resolve, reject) => {
        thread.on('message', () => thread.postMessage(ask() ?? { stop: true }))
        thread.on('error', reject)
        thread.on('exit', () => resolve())
      })
    }),
  )
  return next
}

if (parentPort && (workerData as Partial<FillerData> | null)?.accounts)
  await runFiller(parentPort, workerData as FillerData)

async function runFiller(port: MessagePort, { store: storePort, accounts }: FillerData): Promise<void> {
  await using store = joinStore(storePort)
  const underWay = new Set<Promise<unknown>>()
  for (;;) {
    const task = await new Promise<{ from: number; to: number } | { stop: true }>((resolve) => {
      port.once('message', resolve)
      port.postMessage('next')
    })
    if ('stop' in task) break
    for (let n = task.from; n < task.to; n++) {
      const person = personOf(n)
      const job = store.write('deliver', {
        raw: Buffer.from(letterOf(n, addressOf(person))),
        recipients: [
          {
            account: accounts[person]!,
            mailbox: 'INBOX',
            prefix: Buffer.from(`Return-Path: <nguoi@example.org>\r\nDelivered-To: ${addressOf(person)}\r\n`),
          },
        ],
        at: Date.UTC(2026, 0, 1) + n * 20_000,
      })
      underWay.add(job)
      void job.finally(() => underWay.delete(job))
      if (underWay.size >= atOnce) await Promise.race(underWay)
    }
  }
  await Promise.all(underWay)
  port.close()
}

if (isMainThread && import.meta.main) {
  const [data, from, to, seconds] = process.argv.slice(2)
  if (!data || !Number(to) || !Number(seconds)) throw new Error('node bench/fill.ts DIR FROM TO SECONDS')
  if (Number(from) === 0) await (await MailService.start({ data, base: await freePortBase() }))[Symbol.asyncDispose]()
  const begun = performance.now()
  const there = await fill({ data, from: Number(from), to: Number(to), mostMs: Number(seconds) * 1000 })
  console.log(`${there} messages, ${Math.round(((there - Number(from)) * 1000) / (performance.now() - begun))} /s`)
}
