import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { joinStore, openStoreHost } from '#mailserver/store/open.ts'
import type { Change, Store, StoreHost } from '#mailserver/store/port.ts'
import { noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 0, 1)

describe('store: who hears of what', () => {
  let dir: string
  let host: StoreHost
  let store: Store
  let heard: string[]
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-wants-'))
    host = await openStoreHost({ dir })
    for (const account of [1, 2]) await host.write('openAccount', { account, kind: 'person' })
    store = joinStore(host.invite())
    heard = []
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  const listener = (change: Change) => heard.push(`${change.kind} ${'account' in change ? change.account : ''}`.trim())
  let letters = 0
  /** A letter and a flag for each of the two, by another thread's port. @returns what was heard of it */
  const changes = async (): Promise<string[]> => {
    for (const account of [1, 2]) {
      const raw = text(`Thư ${++letters}`, 'x')
      await host.write('deliver', { raw, recipients: [{ account, mailbox: 'INBOX', prefix: noPrefix }], at })
      const mailbox = host.read.mailbox(account, 'INBOX')!.id
      await host.write('storeFlags', {
        mailbox,
        uids: [...host.read.uids(mailbox)],
        change: { op: 'set', flags: [`k${letters}`] },
      })
    }
    await store.write('queueSet', { id: 99, state: 'held' }) // its answer stands behind all notices
    return heard.splice(0)
  }

  it('everything, when nothing else is said', async () => {
    const end = store.onChange(listener)
    expect(await changes()).to.deep.equal(['exists 1', 'flags 1', 'exists 2', 'flags 2'])
    end()
    expect(await changes()).to.deep.equal([])
  })

  it('some kinds of changes', async () => {
    const end = store.onChange(listener, ['exists', 'queue'])
    expect(await changes()).to.deep.equal(['exists 1', 'exists 2'])
    end()
    end()
    store.onChange(listener, ['flags'])
    expect(await changes()).to.deep.equal(['flags 1', 'flags 2'])
  })

  it('accounts that are followed, as often as they are', async () => {
    store.onChange(listener, 'followed')
    expect(await changes()).to.deep.equal([])
    const first = store.follow(2)
    const second = store.follow(2)
    expect(await changes()).to.deep.equal(['exists 2', 'flags 2'])
    first()
    first()
    expect(await changes()).to.deep.equal(['exists 2', 'flags 2'])
    second()
    expect(await changes()).to.deep.equal([])
  })

  it('each thread for itself', async () => {
    const other = joinStore(host.invite())
    other.onChange(() => heard.push('other'))
    store.onChange(listener, 'followed')
    store.follow(1)
    const all = await changes()
    await other.write('queueSet', { id: 99, state: 'held' })
    expect(all.concat(heard).filter((each) => each !== 'other')).to.deep.equal(['exists 1', 'flags 1'])
    expect(all.concat(heard).filter((each) => each === 'other')).to.have.length(4)
    await other[Symbol.asyncDispose]()
  })
})
