import type { MessagePort } from 'node:worker_threads'
import type { Store, StoreHost } from './port.ts'
import { StoreClient } from './sqlite/client.ts'
import { openSqliteHost } from './sqlite/host.ts'

/**
 * Opens the store of one cell in the main thread. Session threads get a port by `invite()` (transfer it) and call `joinStore`.
 *
 * @param given.dir `paths(data).cell(n)`; made when missing
 */
export function openStoreHost(given: { dir: string }): Promise<StoreHost> {
  return openSqliteHost(given)
}

export function joinStore(port: MessagePort): Store {
  return new StoreClient(port)
}
