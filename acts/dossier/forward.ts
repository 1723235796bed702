/** Chuyển xử lý: the clerk sends the case to a department head with instruction and deadline; the leader is informed. */
import type { Act, Decision } from '#kit/act/act.ts'
import { localDate } from '#kit/vi/dates.ts'
import { actedBy, type Case, holderTurns, type Party, record } from './case.ts'
import { day, endOfDay, formFacts, lodgedFiles, portalCopy, staffFacts, subject } from './words.ts'

type Asked = { to: string; due: string; instruction?: string }
type Forwarded = { to: Party; due: string; instruction: string }

const forward: Act<Asked, Forwarded, Case> = {
  kind: 'dossier.forward',
  v: 1,
  title: 'Chuyển xử lý hồ sơ',
  verb: 'Chuyển xử lý',
  icon: 'arrow-forward-up',
  by: 'party',
  stale: 'refuse',
  fields: [
    { name: 'to', label: 'Phòng xử lý', required: true, kind: 'party', of: 'head' },
    { name: 'due', label: 'Thời hạn', required: true, kind: 'date', notBefore: 'today' },
    { name: 'instruction', label: 'Ý kiến, chỉ đạo', required: false, kind: 'text', max: 2000, lines: 4 },
  ],
  reply: {
    word: 'CHUYỂN',
    takes: [{ field: 'to' }, { field: 'due', label: 'HẠN' }, { field: 'instruction', label: 'Ý KIẾN' }],
    example: 'CHUYỂN: <phòng> HẠN <ngày/tháng/năm> Ý KIẾN <nội dung>',
  },
  turns: (state) => holderTurns(state, 'dossier.forward'),

  decide(state, { data }, facts): Decision<Forwarded> {
    if (!state?.due) return { refused: 'Hồ sơ chưa được tiếp nhận.' }
    const to = facts.accounts.find((a) => a.address === data.to)
    if (!to) return { refused: 'Nơi nhận không có trong cơ quan.', fields: { to: 'Chọn phòng trong danh sách.' } }
    if (data.due > localDate(state.due)) {
      const why = `Thời hạn phải không sau ngày hẹn trả ${day(state.due)}. Đang ghi ${day(endOfDay(data.due))}.`
      return { refused: why, fields: { due: why } }
    }
    const instruction = data.instruction?.trim() || 'Thẩm định hồ sơ, đề xuất kết quả theo quy định.'
    return { event: { to: { address: to.address, name: to.name }, due: endOfDay(data.due), instruction } }
  },

  apply(state, event) {
    const before = state as Case
    const { to, due, instruction } = event.data
    const change: Partial<Case> = {
      outer: 4,
      forwarded: { to, due, instruction, at: event.at },
      turn: { party: to, acts: ['dossier.assign'], since: event.at, seq: event.seq, due },
    }
    const text = `Chuyển ${to.name}, hạn ${day(due)}`
    return record(before, event, change, { text, publicText: `Chuyển ${to.name} xử lý`, note: instruction })
  },

  say: (_state, { actor, data }) =>
    `Chuyển ${data.to.name}, hạn ${day(data.due)}: ${data.instruction} (${actedBy(actor)})`,

  tell(state, { data }) {
    const facts = [...staffFacts(state), ['Ý kiến, chỉ đạo', data.instruction] as const]
    return [
      {
        to: [data.to.address],
        subject: subject(state, 'Chuyển xử lý'),
        paragraphs: [
          `Giao chuyên viên thẩm định hồ sơ này, hạn của phòng ${day(data.due)}.`,
          `Ý kiến: ${data.instruction}`,
        ],
        facts: [...facts, ...formFacts(state)],
        attach: lodgedFiles(state),
        asks: ['dossier.assign'],
        audience: 'staff',
      },
      {
        to: [state.offices.leader.address],
        subject: subject(state, 'Để biết, đã chuyển xử lý'),
        paragraphs: [`Hồ sơ đã chuyển ${data.to.name}, hạn ${day(data.due)}. Thư này để biết, không cần trả lời.`],
        facts,
        audience: 'staff',
      },
      portalCopy(state),
    ]
  },
}

export default forward
