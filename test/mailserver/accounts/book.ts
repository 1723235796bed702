import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '#kit/store/open.ts'
import { type AccountBook, openAccounts } from '#mailserver/accounts/open.ts'

export const at = (local: string) => `${local}@haiduong.gov.vn`
export const password = 'mật khẩu dài 1'

/** A clock that tests move by hand. */
export type Clock = { now: number }

/** An empty accounts file with the domain, in a folder of its own that disposing removes. */
export function emptyBook(clock: Clock = { now: Date.parse('2026-11-24T02:00:00Z') }) {
  const folder = mkdtempSync(join(tmpdir(), 'congso-accounts-'))
  const path = join(folder, 'accounts.sqlite')
  const book: AccountBook = openAccounts(path, { now: () => clock.now })
  book.addDomain('haiduong.gov.vn')
  return {
    book,
    clock,
    folder,
    path,
    /** empties a table, as files of an earlier version have it */
    forget(table: 'scram'): void {
      using db = openDatabase(path)
      db.exec(`delete from ${table}`)
    },
    [Symbol.dispose]() {
      book[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** ha.tran with a password, the office motcua.stttt and the register so.stttt, and her grant on the office. */
export async function smallOffice(clock?: Clock) {
  const empty = emptyBook(clock)
  const { book } = empty
  await book.addAccount({ address: at('ha.tran'), name: 'Trần Thị Hà', password, from: '2026-01-01' })
  await book.addAccount({ address: at('motcua.stttt'), name: 'Một cửa', kind: 'office', from: '2026-01-01' })
  await book.addAccount({ address: at('so.stttt'), name: 'Sổ', kind: 'register', from: '2026-01-01' })
  const grant = book.addGrant({
    person: at('ha.tran'),
    office: at('motcua.stttt'),
    rights: ['read', 'act', 'send'],
    from: '2026-02-01T00:00:00Z',
  })
  return { ...empty, grant, [Symbol.dispose]: () => empty[Symbol.dispose]() }
}

/** What a promise was refused with; fails when it was not. */
export async function refusalOf(
  promise: Promise<unknown>,
): Promise<{ status: number; message: string; advice: string }> {
  try {
    await promise
  } catch (err) {
    if (err instanceof Error && err.name === 'Refusal')
      return err as unknown as { status: number; message: string; advice: string }
    throw err
  }
  throw new Error('it was not refused')
}
