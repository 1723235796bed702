import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { SealKey } from '#kit/directory/calls.ts'
import { readMessage } from '#kit/message/read.ts'
import { readReply } from '#kit/message/reply.ts'
import { checkSeal } from '#kit/message/seal.ts'

const folder = new URL('../../fixtures/messages/', import.meta.url)
const names = readdirSync(folder).filter((f) => f.endsWith('.eml'))

describe('message fixtures', () => {
  for (const name of names.filter((n) => /^v\d/.test(n)))
    it(`${name} is still read, and its seal holds`, async () => {
      const raw = readFileSync(new URL(name, folder))
      const keys = JSON.parse(readFileSync(new URL(`${name.split('-')[0]}-keys.json`, folder), 'utf8')) as SealKey[]
      expect(readMessage(raw)?.is).to.equal(name.replace(/^v\d+-|\.eml$/g, ''))
      expect(
        await checkSeal(raw, { keys, at: '2026-11-23T02:00:00Z', register: 'so.stttt@haiduong.gov.vn' }),
      ).to.include({ ok: true })
    })
  for (const name of names.filter((n) => !/^v\d/.test(n)))
    it(`${name} is ordinary mail, without a seal, and asks for nothing`, async () => {
      const raw = readFileSync(new URL(name, folder))
      expect(readMessage(raw)).to.equal(undefined)
      expect(await checkSeal(raw, { keys: [], at: '2026-11-23T02:00:00Z' })).to.include({ ok: false, seal: 'none' })
      expect((await readReply(raw)).asked).to.equal(undefined)
    })
  it('reads subjects and names of old encodings', async () => {
    const read = (name: string) => readReply(readFileSync(new URL(`${name}.eml`, folder)))
    expect((await read('windows-1258-subject')).subject).to.equal('Đề nghị cấp giấy phép xuất bản bản tin')
    expect((await read('windows-1258-subject')).line).to.equal('Kính gửi Sở, chúng tôi đề nghị được hướng dẫn thủ tục.')
    expect((await read('nested-inline-image')).files.map((f) => f.name)).to.deep.equal(['Báo cáo quý III.docx'])
    expect((await read('tcvn3-subject-encoded')).subject).to.equal('Đề nghị cấp giấy phép')
  })
})
