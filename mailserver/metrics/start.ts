/** Figures for a monitoring program: OpenMetrics text over HTTP on loopback alone, whatever `listen` says. */
import { once } from 'node:events'
import { statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { subsystem } from '#kit/log.ts'
import type { Seen } from '#mailserver/sessions/seen.ts'
import type { Store } from '#mailserver/store/port.ts'
import { countedBy } from './counters.ts'
import { contentType, type Family, openMetrics, type Plain } from './text.ts'

const log = subsystem('metrics')
const protocols = ['imap', 'pop3', 'sieve', 'smtp'] as const

export type MetricsGiven = {
  port: number
  store: Pick<Store, 'read'>
  /** folder of the cell */
  cell: string
  sessions: () => Promise<readonly Seen[]>
  connections: () => number
  /** of all threads (counters.ts) */
  counters: SharedArrayBuffer
}

export async function startMetrics(given: MetricsGiven): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    gauges(given).then(
      (found) =>
        response
          .writeHead(200, { 'content-type': contentType })
          .end(openMetrics([...found, ...countedBy(given.counters)])),
      (err: unknown) => {
        log.error({ err }, 'figures cannot be read')
        response.writeHead(500).end()
      },
    )
  })
  server.listen(given.port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function gauges({ store, cell, sessions, connections }: MetricsGiven): Promise<Family[]> {
  const open = await sessions()
  const { messages, octets } = store.read.totals()
  const deleted = store.read.deletedTotals()
  const { bavail, bsize } = statfsSync(cell)
  const one = (value: number) => [{ value }]
  const found: Omit<Plain, 'kind'>[] = [
    { name: 'congso_connections', help: 'open connections of IMAP, POP3 and ManageSieve', values: one(connections()) },
    {
      name: 'congso_sessions',
      help: 'sessions that are signed in',
      values: protocols.map((protocol) => ({
        labels: { protocol },
        value: open.filter((s) => s.protocol === protocol).length,
      })),
    },
    { name: 'congso_store_messages', help: 'messages in all mailboxes', values: one(messages) },
    { name: 'congso_store_mail_bytes', help: 'their octets, as quotas count them', values: one(octets) },
    { name: 'congso_deleted_messages', help: 'deleted messages that can be restored', values: one(deleted.messages) },
    {
      name: 'congso_deleted_mail_bytes',
      help: 'their octets, beside those of all mailboxes',
      values: one(deleted.octets),
    },
    {
      name: 'congso_store_database_bytes',
      help: 'the database with its log; large files lie beside it',
      values: one(sizeOf(`${cell}/cell.sqlite`) + sizeOf(`${cell}/cell.sqlite-wal`)),
    },
    { name: 'congso_disk_free_bytes', help: 'free for us where the store lies', values: one(bavail * bsize) },
    {
      name: 'congso_queue',
      help: 'mail to the outside',
      values: Object.entries(store.read.queueCounts()).map(([state, value]) => ({ labels: { state }, value })),
    },
    {
      name: 'congso_search_backlog',
      help: 'messages whose files wait to be read for search',
      values: one(store.read.filesBacklog()),
    },
    {
      name: 'congso_index_backlog',
      help: 'messages whose texts wait to be indexed for search; searches read them themselves',
      values: one(store.read.indexBacklog()),
    },
  ]
  return found.map((each) => ({ kind: 'gauge', ...each }))
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
