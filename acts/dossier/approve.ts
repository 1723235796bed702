/** Duyệt: the leader approves the proposed result. State 9; the clock of the law ends here (domain §3.4: Đã xử lý xong first). */
import type { Act } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, record } from './case.ts'
import { portalCopy, staffFacts, subject } from './words.ts'

type Asked = { opinion?: string }
type Approved = { opinion: string; clerkDue: string }

const approve: Act<Asked, Approved, Case> = {
  kind: 'dossier.approve',
  v: 1,
  title: 'Duyệt kết quả',
  verb: 'Duyệt',
  icon: 'rubber-stamp',
  by: 'party',
  stale: 'refuse',
  fields: [{ name: 'opinion', label: 'Ý kiến', required: false, kind: 'text', max: 2000, lines: 3 }],
  reply: { word: 'DUYỆT', takes: [{ field: 'opinion' }], example: 'DUYỆT' },
  turns: (state) => holderTurns(state, 'dossier.approve'),

  decide(state, { data, receivedAt }, facts) {
    if (!state?.proposal) return { refused: 'Hồ sơ chưa có kết quả trình duyệt.' }
    return {
      event: { opinion: data.opinion?.trim() ?? '', clerkDue: facts.addDeadline(receivedAt, 1, 'workingDay') },
    }
  },

  apply(state, event) {
    const before = state as Case
    const change: Partial<Case> = {
      outer: 9,
      approved: { by: { address: event.actor.person, name: event.actor.name }, at: event.at },
      finishedAt: event.receivedAt,
      // the hẹn trả counts against the moment the leader decided, not the moment a worker got to it
      onTime: before.due === undefined || event.receivedAt <= before.due,
      turn: {
        party: before.offices.clerk,
        acts: ['dossier.issue'],
        since: event.at,
        seq: event.seq,
        due: event.data.clerkDue,
      },
    }
    return record(before, event, change, {
      text: 'Duyệt kết quả',
      publicText: 'Lãnh đạo đã duyệt kết quả',
      ...(event.data.opinion ? { note: event.data.opinion } : {}),
    })
  },

  say: (_state, { actor, data }) => `Duyệt kết quả (${actedBy(actor)})${data.opinion ? `: ${data.opinion}` : ''}`,

  tell(state, { data, actor }) {
    const opinion = data.opinion ? [`Ý kiến: ${data.opinion}`] : []
    const documents = state.proposal?.files.map((f) => f.sha256) ?? []
    return [
      {
        to: [state.offices.clerk.address],
        subject: subject(state, 'Đã duyệt, chờ trả kết quả'),
        paragraphs: [
          `${actor.name} đã duyệt kết quả. Vào sổ văn bản đi và trả kết quả cho người nộp.`,
          'Đính kèm bản đã ký, đóng dấu khi trả lời; không đính kèm thì gửi tệp đã duyệt.',
          ...opinion,
        ],
        facts: staffFacts(state),
        attach: documents,
        asks: ['dossier.issue'],
        audience: 'staff',
      },
      ...(state.officer
        ? [
            {
              to: [state.officer.address],
              subject: subject(state, 'Để biết, đã duyệt'),
              paragraphs: [`${actor.name} đã duyệt kết quả đã trình. Thư này để biết, không cần trả lời.`, ...opinion],
              facts: staffFacts(state),
              audience: 'staff' as const,
            },
          ]
        : []),
      portalCopy(state),
    ]
  },
}

export default approve
