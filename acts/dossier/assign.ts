/** Phân công: the department head gives the case to an officer (chuyên viên). */
import type { Act, Decision } from '#kit/act/act.ts'
import { localDate } from '#kit/vi/dates.ts'
import { actedBy, type Case, holderTurns, type Party, record } from './case.ts'
import { day, endOfDay, formFacts, lodgedFiles, portalCopy, staffFacts, subject } from './words.ts'

type Asked = { to: string; due?: string; instruction?: string }
type Assigned = { to: Party; due: string; instruction: string }

const assign: Act<Asked, Assigned, Case> = {
  kind: 'dossier.assign',
  v: 1,
  title: 'Phân công xử lý',
  verb: 'Phân công',
  icon: 'user-check',
  by: 'party',
  stale: 'refuse',
  fields: [
    { name: 'to', label: 'Chuyên viên', required: true, kind: 'party', of: 'officer' },
    {
      name: 'due',
      label: 'Thời hạn',
      help: 'Để trống: theo hạn của phòng.',
      required: false,
      kind: 'date',
      notBefore: 'today',
    },
    { name: 'instruction', label: 'Ý kiến', required: false, kind: 'text', max: 2000, lines: 3 },
  ],
  reply: {
    word: 'GIAO',
    also: ['PHÂN CÔNG'],
    takes: [{ field: 'to' }, { field: 'due', label: 'HẠN' }, { field: 'instruction', label: 'Ý KIẾN' }],
    example: 'GIAO: <chuyên viên> HẠN <ngày/tháng/năm> Ý KIẾN <nội dung>',
  },
  turns: (state) => holderTurns(state, 'dossier.assign'),

  decide(state, { data }, facts): Decision<Assigned> {
    if (!state?.forwarded) return { refused: 'Hồ sơ chưa chuyển cho phòng.' }
    const to = facts.accounts.find((a) => a.address === data.to)
    if (!to) return { refused: 'Chuyên viên không có trong cơ quan.', fields: { to: 'Chọn người trong danh sách.' } }
    const limit = localDate(state.forwarded.due)
    if (data.due && data.due > limit) {
      const why = `Thời hạn phải không sau hạn của phòng ${day(state.forwarded.due)}. Đang ghi ${day(endOfDay(data.due))}.`
      return { refused: why, fields: { due: why } }
    }
    return {
      event: {
        to: { address: to.address, name: to.name },
        due: data.due ? endOfDay(data.due) : state.forwarded.due,
        instruction: data.instruction?.trim() ?? '',
      },
    }
  },

  apply(state, event) {
    const before = state as Case
    const { to, due, instruction } = event.data
    const change: Partial<Case> = {
      outer: 4,
      officer: to,
      turn: { party: to, acts: ['dossier.propose'], since: event.at, seq: event.seq, due },
    }
    return record(before, event, change, {
      text: `Giao ${to.name} xử lý, hạn ${day(due)}`,
      publicText: 'Phân công chuyên viên thẩm định',
      ...(instruction ? { note: instruction } : {}),
    })
  },

  say: (_state, { actor, data }) =>
    `Giao ${data.to.name} xử lý, hạn ${day(data.due)}${data.instruction ? `: ${data.instruction}` : ''} (${actedBy(actor)})`,

  tell: (state, { data }) => [
    {
      to: [data.to.address],
      subject: subject(state, 'Giao xử lý'),
      paragraphs: [
        `Thẩm định hồ sơ và trình kết quả kèm dự thảo giấy phép, hạn ${day(data.due)}.`,
        ...(data.instruction ? [`Ý kiến: ${data.instruction}`] : []),
        'Khi trả lời bằng thư, đính kèm dự thảo giấy phép (PDF hoặc Word) vào thư trả lời.',
      ],
      facts: [
        ...staffFacts(state),
        ...(state.forwarded ? [['Chỉ đạo khi chuyển', state.forwarded.instruction] as const] : []),
        ...formFacts(state),
      ],
      attach: lodgedFiles(state),
      asks: ['dossier.propose'],
      audience: 'staff',
    },
    portalCopy(state),
  ],
}

export default assign
