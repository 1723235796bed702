import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings, paths } from '#config/settings.ts'
import type { ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import type { Log } from '#kit/log.ts'
import type { PasskeySite } from '#kit/web/passkeysite.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { startControl } from '#mailserver/control/start.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'

export const maxMessage = 1024 * 1024

/** Tests provoke refusals by the hundred; nobody reads about them. */
const quiet = () => {}
const log: Log = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet }

/** The control API on a socket in an empty folder, with real accounts and a real store; `seal` prepends a mark that tests can see. */
export async function startService({
  passkeySite = () => undefined,
}: {
  passkeySite?: () => PasskeySite | undefined
} = {}) {
  const data = mkdtempSync(join(tmpdir(), 'congso-control-'))
  const at = paths(data)
  const clock = { now: Date.parse('2026-11-24T02:00:00Z') }
  const accounts = openAccounts(at.accounts, { now: () => clock.now })
  const store = await openStoreHost({ dir: at.cell(1) })
  const filters = new Filters({ accounts, store, hostname: 'mail.haiduong.gov.vn' })
  const { settings } = loadSettings({ data }, {})
  const keeper = new Keeper({ settings, folder: at.tls })
  const server = await startControl({
    socket: at.control,
    secret: at.secret,
    accounts,
    store,
    filters,
    seal: async (raw, domain) => Buffer.concat([Buffer.from(`X-Sealed-By: ${domain}\r\n`), raw]),
    connections: () => 3,
    certificates: () => keeper,
    maxMessage,
    deletedDays: 14,
    passkeySite,
    log,
    now: () => clock.now,
  })
  const secret = (process: ProcessName) => readFileSync(at.secret(process), 'utf8').trim()
  const directories: Disposable[] = []
  return {
    at,
    clock,
    accounts,
    store,
    secret,
    as(process: ProcessName) {
      const directory = createDirectory({ socket: at.control, process, secret: secret(process) })
      directories.push(directory)
      return directory
    },
    /** One request, written by hand. */
    async raw(path: string, headers: Record<string, string>, body: string | Buffer = '{}', method = 'POST') {
      const sent = request({
        socketPath: at.control,
        path,
        method,
        headers: { 'content-length': String(body.length), ...headers },
      })
      sent.on('error', () => {}) // the server may end a refused body early
      sent.end(body)
      const [response] = await once(sent, 'response')
      let text = ''
      for await (const chunk of response) text += chunk
      return { status: response.statusCode as number, body: JSON.parse(text) }
    },
    /** texts of the messages in a mailbox, oldest first */
    messages(address: string, path = 'INBOX') {
      const box = store.read.mailbox(accounts.byAddress(address)!.id, path)
      if (!box) return []
      return store.read
        .rows(box.id, { ranges: [[1, 0xffff_ffff]], limit: 1000 })
        .map((row) => ({ uid: row.uid, text: Buffer.concat([...store.read.octets(row.message)]).toString('utf8') }))
    },
    async [Symbol.asyncDispose]() {
      for (const d of directories) d[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
      await filters[Symbol.asyncDispose]()
      const findings = await store.audit()
      await store[Symbol.asyncDispose]()
      accounts[Symbol.dispose]()
      rmSync(data, { recursive: true, force: true })
      if (findings.length > 0) throw new Error(`store audit: ${findings.join('; ')}`)
    },
  }
}

export const province = {
  id: 'haiduong',
  name: 'Tỉnh Hải Dương',
  place: 'Hải Dương',
  domain: 'haiduong.gov.vn',
  portal: 'portal@haiduong.gov.vn',
  agencies: [
    {
      id: 'stttt',
      code: '000.00.15.H23',
      name: 'Sở Thông tin và Truyền thông',
      parentName: 'UBND TỈNH HẢI DƯƠNG',
      abbreviation: 'STTTT',
      place: 'Hải Dương',
      address: 'TP. Hải Dương',
      register: 'so.stttt@haiduong.gov.vn',
      from: '2020-01-01',
      departments: [{ id: 'bcxb', name: 'Phòng Báo chí - Xuất bản', abbreviation: 'BCXB', from: '2020-01-01' }],
      offices: [
        { address: 'motcua.stttt@haiduong.gov.vn', name: 'Bộ phận Một cửa', role: 'clerk', from: '2020-01-01' },
        {
          address: 'phongbcxb.stttt@haiduong.gov.vn',
          name: 'Phòng BC-XB',
          role: 'head',
          department: 'bcxb',
          from: '2020-01-01',
        },
      ],
    },
  ],
  people: [
    {
      address: 'ha.tran@haiduong.gov.vn',
      name: 'Trần Thị Hà',
      agency: 'stttt',
      title: 'Văn thư',
      from: '2020-01-01',
      holds: [{ office: 'motcua.stttt@haiduong.gov.vn', rights: ['read', 'act', 'send'], from: '2020-01-01' }],
    },
    {
      address: 'lan.pham@haiduong.gov.vn',
      name: 'Phạm Thị Lan',
      agency: 'stttt',
      title: 'Trưởng phòng',
      from: '2020-01-01',
      holds: [],
    },
  ],
  procedures: [],
  holidays: [],
  workingSwaps: [],
}
export const passwords = { 'ha.tran@haiduong.gov.vn': 'mật khẩu dài 1' }

/** A message of some octets with a Message-ID. */
export function letter(subject: string, more: { id?: string; from?: string; octets?: number } = {}): Buffer {
  const { id = `${subject.replaceAll(' ', '-')}@example.com`, from = 'cong.dan@example.com', octets = 0 } = more
  return Buffer.from(
    `From: <${from}>\r\nTo: <motcua.stttt@haiduong.gov.vn>\r\nSubject: ${subject}\r\nMessage-ID: <${id}>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0700\r\n\r\n${'x'.repeat(octets)}\r\n`,
  )
}
