import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Change, Mailbox, MessageRow, StoreHost } from '#mailserver/store/port.ts'
import { aclContract } from './contract/acl.ts'
import { appendContract } from './contract/appends.ts'
import { crashContract } from './contract/crash.ts'
import { deletedContract } from './contract/deleted.ts'
import { deliveryContract } from './contract/deliveries.ts'
import { flagContract } from './contract/flags.ts'
import { folderContract } from './contract/folders.ts'
import { ledgerContract } from './contract/ledgers.ts'
import { listingContract } from './contract/listings.ts'
import { metadataContract } from './contract/metadata.ts'

import { queueContract } from './contract/queue.ts'
import { randomContract } from './contract/random.ts'
import { searchContract } from './contract/search.ts'

export type Engine = {
  name: string
  open: (dir: string) => Promise<StoreHost>
  /** a module that exports `openStoreHost({dir})`, for tests that kill a process */
  module: string
}

/** One store in one empty folder, and short ways to ask it. */
export type Bench = {
  readonly dir: string
  store: StoreHost
  /** everything that was told since the last call */
  changes(): Change[]
  reopen(): Promise<void>
  inbox(account: number): Mailbox
  mailbox(account: number, path: string): Mailbox
  rows(mailbox: Mailbox): MessageRow[]
  octets(message: number): Buffer
}

export const noPrefix = new Uint8Array()

/** What every engine must do. After each test the store recounts itself and must find nothing. */
export function storeContract(engine: Engine): void {
  describe(`store: ${engine.name}`, () => {
    const bench = {} as Bench & { told: Change[] }
    beforeEach(async () => {
      const dir = mkdtempSync(join(tmpdir(), 'congso-store-'))
      Object.assign(bench, makeBench(engine, dir), { store: await engine.open(dir) })
      bench.reopen = async () => {
        await bench.store[Symbol.asyncDispose]()
        bench.store = await engine.open(dir)
        bench.store.onChange((c) => bench.told.push(c))
      }
      bench.store.onChange((c) => bench.told.push(c))
      await bench.store.write('openAccount', { account: 1, kind: 'person' })
      await bench.store.write('openAccount', { account: 2, kind: 'person' })
      await bench.store.write('openAccount', { account: 3, kind: 'register' })
      bench.changes()
    })
    afterEach(async () => {
      try {
        expect(await bench.store.audit()).to.deep.equal([])
      } finally {
        await bench.store[Symbol.asyncDispose]()
        rmSync(bench.dir, { recursive: true, force: true })
      }
    })
    deliveryContract(bench)
    appendContract(bench)
    flagContract(bench)
    folderContract(bench)
    deletedContract(bench, engine)
    aclContract(bench)
    ledgerContract(bench)
    metadataContract(bench)
    listingContract(bench)
    queueContract(bench)
    searchContract(bench)
    randomContract(bench)
    crashContract(bench, engine)
  })
}

function makeBench(
  _engine: Engine,
  dir: string,
): Omit<Bench & { told: Change[] }, 'store' | 'reopen'> & ThisType<Bench & { told: Change[] }> {
  return {
    dir,
    told: [],
    changes() {
      return this.told.splice(0)
    },
    mailbox(account, path) {
      const found = this.store.read.mailbox(account, path)
      if (!found) throw new Error(`no mailbox ${path}`)
      return found
    },
    inbox(account) {
      return this.mailbox(account, 'INBOX')
    },
    rows(mailbox) {
      return this.store.read.rows(mailbox.id, { ranges: [[1, 2 ** 32 - 1]], limit: 1_000_000 })
    },
    octets(message) {
      return Buffer.concat([...this.store.read.octets(message)])
    },
  }
}
