import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { PublicCase } from '#kit/act/family.ts'
import { writeNotice } from '#kit/message/write.ts'
import { apply, cursorOf, findCase, findRefused, openProjection, restart } from '#portal/projection/open.ts'
import { readUpdate } from '#portal/projection/read.ts'
import { altered } from '#test/kit/message/support/samples.ts'
import { makeKey, seal, type TestKey } from '#test/kit/message/support/sealing.ts'

const register = 'so.stttt@haiduong.gov.vn'
const registers = new Set([register])
const received = new Date('2026-11-23T03:00:00Z')
const receipt = { name: 'Giấy tiếp nhận.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.4 %%EOF') }

const publicPart = (seq: number, change: Partial<PublicCase> = {}): PublicCase => ({
  case: 'K7M2-Q9PX-4',
  seq,
  secretHash: 'a'.repeat(64),
  agency: { id: 'stttt', code: '000.00.15.H23', name: 'Sở Thông tin và Truyền thông' },
  procedure: { code: '1.009374', version: 1, name: 'Cấp giấy phép xuất bản bản tin' },
  applicant: 'Hiệp hội Thanh Bình',
  outer: 2,
  stateName: 'Được tiếp nhận',
  lodgedAt: '2026-11-23T01:00:00Z',
  steps: [],
  ...change,
})

async function notice(
  key: TestKey,
  given: { seq: number; data: unknown; from?: string; ledger?: string; text?: string; files?: (typeof receipt)[] },
): Promise<Buffer> {
  const raw = await writeNotice(
    {
      from: { address: given.from ?? register, name: 'Sở TT-TT' },
      to: [{ address: 'portal@haiduong.gov.vn' }],
      subject: '[K7M2-Q9PX-4] Cập nhật',
      messageId: `n-${given.seq}@haiduong.gov.vn`,
      date: new Date('2026-11-23T02:00:00Z'),
    },
    { text: given.text ?? 'Hồ sơ đang được xử lý.\n', html: '<p>Hồ sơ đang được xử lý.</p>' },
    {
      ledger: given.ledger ?? register,
      seq: given.seq,
      at: '2026-11-23T02:00:00Z',
      kind: 'dossier.receive',
      v: 1,
      case: 'K7M2-Q9PX-4',
      data: given.data,
      asks: [],
    },
    given.files ?? [],
  )
  return seal(raw, key)
}

describe('portal/projection', () => {
  const key = makeKey()
  const keys = [key.key]
  const read = (raw: Buffer) => readUpdate({ raw, received }, { keys, registers })
  const fresh = () => openProjection(join(mkdtempSync(join(tmpdir(), 'projection-')), 'p.sqlite'))

  it('takes a sealed notice of a register, with its files', async () => {
    const update = await read(await notice(key, { seq: 3, data: publicPart(3), files: [receipt] }))
    if (update.is !== 'case') throw new Error(JSON.stringify(update))
    const db = fresh()
    restart(db, '7')
    apply(db, 12, update)
    const found = findCase(db, 'K7M2-Q9PX-4')!
    expect(found.data).to.deep.equal(publicPart(3))
    expect(found.files).to.deep.equal([
      {
        name: 'Giấy tiếp nhận.pdf',
        type: 'application/pdf',
        size: 14,
        sha256: createHash('sha256').update(receipt.content).digest('hex'),
        uid: 12,
        seq: 3,
      },
    ])
    expect(cursorOf(db)).to.deep.equal({ validity: '7', uid: 12 })
  })

  it('keeps the newest copy whatever the order, and the same when read twice', async () => {
    const copies = [
      publicPart(1, { outer: 1 }),
      publicPart(2, { code: '000.00.15.H23-261123-0001' }),
      publicPart(3, { outer: 4 }),
    ]
    const states = [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [0, 1, 2, 0, 1, 2],
    ].map((order) => {
      const db = fresh()
      restart(db, '7')
      for (const [uid, n] of order.entries()) apply(db, uid + 1, { is: 'case', data: copies[n]!, files: [] })
      return findCase(db, 'K7M2-Q9PX-4')!.data.outer
    })
    expect(states).to.deep.equal([4, 4, 4, 4])
  })

  it('keeps a refusal’s reason for the citizen', async () => {
    const update = await read(
      await notice(key, { seq: 0, data: {}, text: 'Thiếu tệp của giấy tờ.\n\nChi tiết khác.\n' }),
    )
    const db = fresh()
    restart(db, '7')
    apply(db, 1, update)
    expect(findRefused(db, 'K7M2-Q9PX-4')?.text).to.equal('Thiếu tệp của giấy tờ.')
  })

  it('begins again in a new mailbox', () => {
    const db = fresh()
    restart(db, '7')
    apply(db, 5, { is: 'case', data: publicPart(1), files: [] })
    restart(db, '8')
    expect(cursorOf(db)).to.deep.equal({ validity: '8', uid: 0 })
    expect(findCase(db, 'K7M2-Q9PX-4')).to.equal(undefined)
  })

  const hostile: [what: string, raw: () => Promise<Buffer>, why: RegExp][] = [
    ['ordinary mail', async () => Buffer.from('From: a@b.vn\r\nSubject: x\r\n\r\ntext\r\n'), /ordinary mail/],
    [
      'a notice without seal',
      async () =>
        Buffer.from(
          (await notice(key, { seq: 3, data: publicPart(3) }))
            .toString('latin1')
            .replace(/^DKIM-Signature:[\s\S]*?\r\n(?=\S)/, ''),
          'latin1',
        ),
      /seal|ordinary/,
    ],
    [
      'a changed notice',
      async () => altered(await notice(key, { seq: 3, data: publicPart(3) }), 'Date: Mon, 23', 'Date: Tue, 24'),
      /seal/,
    ],
    ['another key', async () => notice(makeKey(), { seq: 3, data: publicPart(3) }), /seal/],
    [
      'from a person',
      async () =>
        notice(key, {
          seq: 3,
          data: publicPart(3),
          from: 'ha.tran@haiduong.gov.vn',
          ledger: 'ha.tran@haiduong.gov.vn',
        }),
      /not a register/,
    ],
    [
      'of another ledger',
      async () => notice(key, { seq: 3, data: publicPart(3), ledger: 'so.stc@haiduong.gov.vn' }),
      /notice of/,
    ],
    [
      'about another case',
      async () => notice(key, { seq: 3, data: publicPart(3, { case: 'AAAA-BBBB-C' }) }),
      /not the public part/,
    ],
    ['with odd data', async () => notice(key, { seq: 3, data: { steps: 'x' } }), /not the public part/],
  ]
  for (const [what, raw, why] of hostile)
    it(`skips ${what}`, async () => {
      const update = await read(await raw())
      expect(update.is).to.equal('skipped')
      expect(update.is === 'skipped' && update.why).to.match(why)
    })

  it('copies only what it knows', async () => {
    const update = await read(
      await notice(key, {
        seq: 3,
        data: {
          ...publicPart(3),
          officer: 'Nguyễn Hữu An',
          steps: [{ seq: 1, at: 'x', kind: 'k', text: 't', files: [], note: 'mật' }],
        },
      }),
    )
    expect(JSON.stringify(update)).to.not.include('Hữu An').and.not.include('mật')
  })
})
