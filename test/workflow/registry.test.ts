import { expect } from 'chai'
import type { Case } from '#acts/dossier/case.ts'
import { checkFields, jsonSchema } from '#kit/act/fields.ts'
import { loadActs } from '#kit/act/registry.ts'
import { readAnswer } from '#kit/message/verbs.ts'
import { copyOfActs, extendAct } from './actsfolder.ts'
import { leader, people, signed, TestLedger } from './ledger.ts'

const id = 'K7M2-Q9PX-4'

describe('registry of acts', () => {
  it('takes an act that is added as one file: on the page, by reply, in the register', async () => {
    using acts = copyOfActs()
    acts.add('dossier/extend.ts', extendAct)
    using ledger = await TestLedger.open(acts.dir)
    await ledger.story(id, 'forward')
    const before = ledger.projection.state(id)!.state
    // the page: its button is offered to whom it concerns, its form follows from its fields
    const offers = ledger.registry.offers('dossier', before, [leader])
    expect(offers.map((o) => o.act.verb)).to.deep.equal(['Gia hạn'])
    expect(jsonSchema(offers[0]!.act)).to.have.property('required').that.deep.equals(['due', 'reason'])
    expect(ledger.reader().worklist({ parties: [leader] }).rows[0]?.acts).to.deep.equal(['dossier.extend'])
    // by reply: the letter that informs the leader of the forwarding takes the new word
    const asked = ledger.projection.asked(3, 2)!
    expect(asked)
      .to.include({ case: id })
      .and.deep.include({ parties: [leader], kinds: ['dossier.extend'] })
    const verbs = asked.kinds.map((kind) => ({ kind, reply: ledger.registry.acts.get(kind)!.reply! }))
    const answer = readAnswer('Gia hạn: 31/12/2026 lý do chờ ý kiến của Bộ', verbs)!
    const { state } = await ledger.act({
      kind: answer.kind,
      case: id,
      saw: 3,
      parties: asked.parties,
      signer: signed(people.leader),
      data: answer.fields,
    })
    expect((state as Case).due).to.equal('2026-12-31T10:00:00Z')
    const [line] = ledger.reader().arrivals({ year: 2026, now: ledger.now }).rows
    expect(line?.due).to.equal('2026-12-31T10:00:00Z')
  })

  const good = `export default { kind: 'dossier.burn', v: 1, title: 'a', verb: 'b', icon: 'c', by: 'party', stale: 'allow', fields: [],
    turns: () => [], decide: () => ({ refused: '' }), apply: (s) => s, say: () => '', tell: () => [] }`
  const wrong: [what: string, text: string, why: RegExp][] = [
    ['no act at all', 'export default 3', /burn\.ts: the default export is not an act/],
    [
      'another kind than its place',
      good.replace('dossier.burn', 'dossier.fire'),
      /burn\.ts: its kind is "dossier\.fire"/,
    ],
    ['no version', good.replace('v: 1', 'v: 0'), /v must be/],
    ['an unknown author', good.replace("'party'", "'king'"), /by must be/],
    ['a missing function', good.replace("say: () => '', ", ''), /say must be a function/],
    [
      'a field of an unknown kind',
      good.replace('fields: []', "fields: [{ name: 'a', label: 'A', required: true, kind: 'colour' }]"),
      /unknown kind "colour"/,
    ],
    [
      'a field twice',
      good.replace(
        'fields: []',
        "fields: [{ name: 'a', label: 'A', kind: 'date' }, { name: 'a', label: 'A', kind: 'date' }]",
      ),
      /appears twice/,
    ],
    [
      'a reply word that is taken',
      good.replace('fields: []', "fields: [], reply: { word: 'duyet', takes: [], example: '' }"),
      /reply word "duyet" already asks for dossier\.approve|dossier\.burn/,
    ],
    [
      'a reply field that is none',
      good.replace('fields: []', "fields: [], reply: { word: 'ĐỐT', takes: [{ field: 'x' }], example: '' }"),
      /"x", which is no field/,
    ],
  ]
  for (const [what, text, why] of wrong)
    it(`refuses to start with ${what}`, async () => {
      using acts = copyOfActs()
      acts.write('dossier/burn.ts', text)
      const err = await loadActs(acts.dir).then(
        () => undefined,
        (e: Error) => e,
      )
      expect(err?.message).to.match(why)
    })
})

describe('fields of an act', () => {
  const context = {
    today: '2026-11-26',
    files: [],
    party: (text: string) => (text === 'An' ? { address: 'an@x.vn' } : { problem: `Không có người nào là "${text}".` }),
  }
  const fields = [
    { name: 'to', label: 'Chuyên viên', required: true, kind: 'party', of: 'officer' },
    { name: 'due', label: 'Thời hạn', required: false, kind: 'date', notBefore: 'today' },
    { name: 'pages', label: 'Số trang', required: false, kind: 'number', min: 1, max: 64 },
    { name: 'note', label: 'Ý kiến', required: false, kind: 'text', max: 10 },
  ] as const
  const cases: [what: string, given: unknown, want: unknown][] = [
    [
      'texts of a form',
      { to: 'An', due: '5/12/2026', pages: '64', note: ' ok ' },
      { to: 'an@x.vn', due: '2026-12-05', pages: 64, note: 'ok' },
    ],
    ['a day without a year', { to: 'An', due: '30/11' }, { to: 'an@x.vn', due: '2026-11-30' }],
    ['a day that is past this year', { to: 'An', due: '5/1' }, { to: 'an@x.vn', due: '2027-01-05' }],
    ['NFD text', { to: 'An', note: 'Đủ'.normalize('NFD') }, { to: 'an@x.vn', note: 'Đủ' }],
    ['an array', [], 'Nội dung lệnh không đọc được.'],
    ['an unknown field', { to: 'An', __proto__x: 1 }, 'Lệnh có mục không biết: __proto__x.'],
    ['an object as text', { to: 'An', note: {} }, 'Ý kiến phải là chữ.'],
    ['a number as party', { to: 7 }, 'Chuyên viên không đọc được.'],
    ['nobody', { to: 'Bảo' }, 'Không có người nào là "Bảo".'],
    [
      'a day that is none',
      { to: 'An', due: '31/02/2027' },
      'Thời hạn phải ghi dạng ngày/tháng/năm, ví dụ 26/11/2026. Đang ghi 31/02/2027.',
    ],
    ['too many pages', { to: 'An', pages: 72 }, 'Số trang phải từ 1 đến 64. Đang ghi 72.'],
    ['infinity', { to: 'An', pages: '1e999' }, 'Số trang phải là số. Đang ghi 1e999.'],
    ['too long', { to: 'An', note: 'x'.repeat(11) }, 'Ý kiến tối đa 10 ký tự. Đang ghi 11.'],
    ['two lines in one', { to: 'An', note: 'a\r\nb' }, 'Ý kiến chỉ ghi trên một dòng.'],
    ['a control character', { to: 'An', note: 'a\u0000' }, 'Ý kiến có ký tự điều khiển. Xóa rồi ghi lại.'],
  ]
  for (const [what, given, want] of cases)
    it(what, () => {
      const result = checkFields(fields, given, context)
      expect('data' in result ? result.data : result.refused).to.deep.equal(want)
    })
})
