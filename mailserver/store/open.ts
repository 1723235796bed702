import type { MessagePort } from 'node:worker_threads'
import type { CountersOf } from '#mailserver/metrics/counters.ts'
import type { Store, StoreHost } from './port.ts'
import { auditInThread } from './sqlite/audit/run.ts'
import { StoreClient } from './sqlite/client.ts'
import { openSqliteHost } from './sqlite/host.ts'

/**
 * Opens the store of one cell in the main thread. Session threads get a port by `invite()` (transfer it) and call `joinStore`.
 *
 * @param given.dir `paths(data).cell(n)`; made when missing
 * @param given.counters what the writer counts in (metrics/counters.ts)
 * @throws Error when another program writes to it
 */
export function openStoreHost(given: { dir: string; counters?: CountersOf }): Promise<StoreHost> {
  return openSqliteHost(given)
}

export function joinStore(port: MessagePort): Store {
  return new StoreClient(port)
}

/** `Store.audit()` of a cell that is not open here: stopped, served by another process, or a copy. Only reads. */
export function auditStore({ dir }: { dir: string }): Promise<string[]> {
  return auditInThread(dir)
}

/** For copies of a cell: what it holds at one moment, and what must be done to one that was put back. */
export { blobPath as blobFile, makeBlobFolders } from './sqlite/blobs.ts'
export { type BlobFile, CellSnapshot } from './sqlite/cellsnapshot.ts'
export { wentBack } from './sqlite/wentback.ts'
