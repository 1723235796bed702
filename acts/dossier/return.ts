/** Trả lại: the leader sends the proposal back to its officer with a reason; the clock runs on. */
import type { Act } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, type Party, record } from './case.ts'
import { formFacts, lodgedFiles, portalCopy, staffFacts, subject } from './words.ts'

type Asked = { reason: string }
type Returned = { reason: string; to: Party; due: string }

const sendBack: Act<Asked, Returned, Case> = {
  kind: 'dossier.return',
  v: 1,
  title: 'Trả lại người trình',
  verb: 'Trả lại',
  icon: 'arrow-back-up',
  by: 'party',
  stale: 'refuse',
  fields: [{ name: 'reason', label: 'Lý do trả lại', required: true, kind: 'text', max: 2000, lines: 4 }],
  reply: { word: 'TRẢ LẠI', takes: [{ field: 'reason' }], example: 'TRẢ LẠI: <lý do>' },
  turns: (state) => holderTurns(state, 'dossier.return'),

  decide(state, { data, receivedAt }, facts) {
    if (!state?.proposal || !state.due) return { refused: 'Hồ sơ chưa có kết quả trình duyệt.' }
    const next = facts.addDeadline(receivedAt, 1, 'workingDay')
    const due = next < state.due || state.due < receivedAt ? next : state.due
    return { event: { reason: data.reason, to: state.proposal.by, due } }
  },

  apply(state, event) {
    const before = state as Case
    const { reason, to, due } = event.data
    const change: Partial<Case> = {
      outer: 4,
      returned: { reason, at: event.at },
      turn: { party: to, acts: ['dossier.propose'], since: event.at, seq: event.seq, due },
    }
    const step = { text: `Trả lại ${to.name}`, publicText: 'Lãnh đạo yêu cầu hoàn thiện kết quả', note: reason }
    return record(before, event, change, step)
  },

  say: (_state, { actor, data }) => `Trả lại ${data.to.name} (${actedBy(actor)}): ${data.reason}`,

  tell: (state, { data, actor }) => [
    {
      to: [data.to.address],
      subject: subject(state, 'Trả lại'),
      paragraphs: [
        `${actor.name} trả lại kết quả đã trình. Sửa theo lý do dưới đây rồi trình lại.`,
        `Lý do: ${data.reason}`,
        'Khi trả lời bằng thư, đính kèm dự thảo đã sửa (PDF hoặc Word) vào thư trả lời.',
      ],
      facts: [...staffFacts(state), ...formFacts(state)],
      attach: [...(state.proposal?.files.map((f) => f.sha256) ?? []), ...lodgedFiles(state)],
      asks: ['dossier.propose'],
      audience: 'staff',
    },
    portalCopy(state),
  ],
}

export default sendBack
