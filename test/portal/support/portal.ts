import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { loadProvince, provinceFolder } from '#config/load.ts'
import type { Province } from '#config/province.ts'
import { loadSettings, paths } from '#config/settings.ts'
import type { Directory } from '#kit/directory/calls.ts'
import { startPortal } from '#portal/start.ts'

export type Taken = { from: string; to: string[]; raw: Buffer }
export type TestPortal = AsyncDisposable & {
  url: string
  data: string
  province: Province
  /** messages that submission took, oldest first */
  taken: Taken[]
  /** what submission answers to the next messages: undefined takes them */
  answer: { code: number; text: string } | undefined
  /** ends the portal as it stands and starts it again on the same data */
  restart(): Promise<void>
  /** called after submission kept a message, before it answers: throw to lose the 250 on the way */
  beforeAnswer: (() => void) | undefined
}

let next = 21_000 + (process.pid % 300) * 100

/** A base whose submission port is free, so that tests run side by side. */
async function freeBase(): Promise<number> {
  for (;;) {
    const base = next++
    try {
      for (const port of [base + 587, base + 143]) await closed(await listening(port))
      return base
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw err
    }
  }
}
const listening = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

/** The portal as it runs, on real SQLite and HTTP, before a submission server of the test's own; IMAP is not there. */
export async function testPortal(): Promise<TestPortal> {
  const base = await freeBase()
  const data = mkdtempSync(join(tmpdir(), 'portal-'))
  const { settings } = loadSettings({ data, portBase: String(base), portalOrigin: 'http://dichvucong.test' }, {})
  const province = loadProvince(provinceFolder('haiduong'))
  const portal = { taken: [], answer: undefined, beforeAnswer: undefined, data, province } as unknown as TestPortal
  const smtp = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    size: 100_000_000,
    disableReverseLookup: true,
    onAuth: (auth, _session, done) =>
      auth.password === 'a-token' ? done(null, { user: auth.username }) : done(new Error('535 no')),
    onData: async (stream, session, done) => {
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part as Buffer)
      if (portal.answer) return done(Object.assign(new Error(portal.answer.text), { responseCode: portal.answer.code }))
      const { mailFrom, rcptTo } = session.envelope
      const from = mailFrom ? mailFrom.address : ''
      portal.taken.push({ from, to: rcptTo.map((r) => r.address), raw: Buffer.concat(parts) })
      try {
        portal.beforeAnswer?.()
        done(null, 'OK kept')
      } catch (err) {
        done(Object.assign(err as Error, { responseCode: 451 }))
      }
    },
  })
  await new Promise<void>((resolve) => smtp.listen(base + 587, '127.0.0.1', () => resolve()))
  const directory = {
    'auth.serviceToken': async () => ({ token: 'a-token', expires: new Date(Date.now() + 3_600_000).toISOString() }),
    'keys.list': async () => ({ keys: [] }),
  } as unknown as Directory
  let running = await startPortal({ settings, province, directory, port: 0 })
  portal.url = running.url
  portal.restart = async () => {
    await running[Symbol.asyncDispose]()
    running = await startPortal({ settings, province, directory, port: 0 })
    portal.url = running.url
  }
  portal[Symbol.asyncDispose] = async () => {
    await running[Symbol.asyncDispose]()
    await new Promise<void>((resolve) => smtp.close(() => resolve()))
    await rm(data, { recursive: true, force: true })
  }
  return portal
}
export const storeFile = (data: string): string => `${paths(data).portal}/portal.sqlite`

/** Right answers of the form of 1.009374, by step. */
export const rightAnswers: Record<string, Record<string, string>> = {
  'co-quan': {
    tenCoQuan: 'Hiệp hội Doanh nghiệp nhỏ và vừa Thanh Bình',
    diaChi: 'Số 12 phố Bắc Sơn, phường Quang Trung, thành phố Hải Dương',
    dienThoai: '0912 345 678',
    thuDienTu: 'hop.thu@thanhbinh.example',
    maSoThue: '0801234567',
    soQuyetDinh: '1187/QĐ-UBND',
    ngayQuyetDinh: '4/6/2019',
    noiQuyetDinh: 'Ủy ban nhân dân tỉnh Hải Dương',
  },
  'nguoi-chiu-trach-nhiem': {
    hoTen: 'Nguyễn Hoàng Thị Bích Ngọc',
    ngaySinh: '19/08/1979',
    quocTich: 'Việt Nam',
    cccd: '030179004417',
    chucDanh: 'Chủ tịch Hiệp hội',
    trinhDo: 'dai-hoc',
    trinhDoKhac: '',
    diaChiNguoi: 'Số 5 phố Tuy Hòa, thành phố Hải Dương',
    dienThoaiNguoi: '0987654321',
  },
  'ban-tin': {
    tenBanTin: 'Bản tin Doanh nghiệp Thanh Bình',
    mucDich:
      'Thông tin hoạt động của Hiệp hội, chính sách hỗ trợ doanh nghiệp nhỏ và vừa.\r\nGương hội viên tiêu biểu.',
    doiTuong: 'Hội viên',
    ngonNgu: 'viet',
    ngonNguKhac: '',
    kyHan: 'thang',
    rong: '19',
    cao: '27',
    soTrang: '48',
    soLuong: '1.500',
    noiIn: 'Công ty TNHH In Thành Đông',
    phamVi: 'Phát cho hội viên trong tỉnh, qua bưu điện',
  },
}
export const papers: Record<string, string> = {
  toKhai: 'to-khai-ban-tin.pdf',
  quyetDinh: 'quyet-dinh-thanh-lap-scan.jpg',
  soYeuLyLich: 'so-yeu-ly-lich.docx',
  mauTrinhBay: 'mau-trinh-bay.png',
}
export const fixture = (name: string): string => `${import.meta.dirname}/../../fixtures/files/${name}`
