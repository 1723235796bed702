/** Trình: the officer proposes a result with the drafted document; the leader decides. */
import type { Act, FileRef } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, record } from './case.ts'
import { formFacts, lodgedFiles, portalCopy, staffFacts, subject } from './words.ts'

type Asked = { opinion: string }
type Proposed = { opinion: string; documents: FileRef[]; leaderDue: string }

const propose: Act<Asked, Proposed, Case> = {
  kind: 'dossier.propose',
  v: 1,
  title: 'Trình kết quả',
  verb: 'Trình lãnh đạo',
  icon: 'send',
  by: 'party',
  stale: 'refuse',
  fields: [
    { name: 'opinion', label: 'Ý kiến đề xuất', required: true, kind: 'text', max: 4000, lines: 5 },
    {
      name: 'documents',
      label: 'Dự thảo kết quả',
      help: 'Giấy phép hoặc văn bản trả lời: PDF hoặc Word.',
      required: true,
      kind: 'files',
      accept: [
        'application/pdf',
        'application/msword',
        'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      ],
      max: 5,
    },
  ],
  reply: { word: 'TRÌNH', takes: [{ field: 'opinion' }], example: 'TRÌNH: <ý kiến đề xuất>, kèm tệp dự thảo' },
  turns: (state) => holderTurns(state, 'dossier.propose'),

  decide(state, { data, files, receivedAt }, facts) {
    if (!state?.due) return { refused: 'Hồ sơ chưa được tiếp nhận.' }
    if (files.length === 0)
      return { refused: 'Chưa có dự thảo kết quả.', fields: { documents: 'Đính kèm dự thảo kết quả.' } }
    const next = facts.addDeadline(receivedAt, 2, 'workingDay')
    const leaderDue = next < state.due || state.due < receivedAt ? next : state.due
    return { event: { opinion: data.opinion, documents: files, leaderDue } }
  },

  apply(state, event) {
    const before = state as Case
    const { opinion, documents, leaderDue } = event.data
    const change: Partial<Case> = {
      outer: 4,
      proposal: {
        opinion,
        files: documents,
        by: { address: event.actor.person, name: event.actor.name },
        at: event.at,
      },
      turn: {
        party: before.offices.leader,
        acts: ['dossier.approve', 'dossier.return'],
        since: event.at,
        seq: event.seq,
        due: leaderDue,
      },
    }
    const step = { text: 'Trình kết quả', publicText: 'Thẩm định xong, trình lãnh đạo', note: opinion }
    return record(before, event, change, step)
  },

  say: (_state, { actor, data }) => `Trình kết quả (${actedBy(actor)}): ${data.opinion}`,

  tell: (state, { data, actor }) => [
    {
      to: [state.offices.leader.address],
      subject: subject(state, 'Trình duyệt kết quả'),
      paragraphs: [
        'Duyệt kết quả gửi kèm, hoặc trả lại nêu lý do.',
        `Ý kiến đề xuất của ${actor.name}: ${data.opinion}`,
      ],
      facts: [...staffFacts(state), ...formFacts(state)],
      attach: [...data.documents.map((f) => f.sha256), ...lodgedFiles(state)],
      asks: ['dossier.approve', 'dossier.return'],
      audience: 'staff',
    },
    portalCopy(state),
  ],
}

export default propose
