/** Từ chối tiếp nhận: state 3, the reason goes to the citizen (Phiếu từ chối, TT 03/2025/TT-VPCP mẫu 03). */
import type { Act, Event } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, record } from './case.ts'
import { citizenFacts, issuerOf, portalCopy, subject } from './words.ts'

type Reason = { reason: string }
type Rejected = { reason: string; place: string; clerk: string }

const reject: Act<Reason, Rejected, Case> = {
  kind: 'dossier.reject',
  v: 1,
  title: 'Từ chối tiếp nhận hồ sơ',
  verb: 'Từ chối tiếp nhận',
  icon: 'ban',
  by: 'party',
  stale: 'refuse',
  fields: [
    {
      name: 'reason',
      label: 'Lý do từ chối',
      help: 'Người nộp đọc nguyên văn: nêu thiếu gì, căn cứ nào, làm lại thế nào.',
      required: true,
      kind: 'text',
      max: 2000,
      lines: 5,
    },
  ],
  reply: { word: 'TỪ CHỐI', takes: [{ field: 'reason' }], example: 'TỪ CHỐI: <lý do>' },
  turns: (state) => holderTurns(state, 'dossier.reject'),
  decide(state, { data, actor }, facts) {
    if (!state) return { refused: 'Chưa có hồ sơ này.' }
    return { event: { reason: data.reason, place: facts.agency.place, clerk: actor.name } }
  },

  apply(state, event) {
    const { turn: _ended, ...before } = state as Case
    const { reason } = event.data
    const step = {
      text: 'Từ chối tiếp nhận hồ sơ',
      publicText: `Không tiếp nhận hồ sơ. Lý do: ${reason}`,
      note: reason,
    }
    return record(before, event, { outer: 3, rejected: { reason, at: event.at } }, step)
  },

  say: (_state, event) => `Từ chối tiếp nhận hồ sơ (${actedBy(event.actor)}): ${event.data.reason}`,

  tell: (state, event) => [
    {
      to: [state.applicant.email],
      subject: subject(state, 'Phiếu từ chối tiếp nhận giải quyết hồ sơ'),
      paragraphs: [
        `${state.offices.clerk.name}, ${state.agency.name} không tiếp nhận hồ sơ của Ông/Bà.`,
        `Lý do: ${event.data.reason}`,
        'Ông/Bà hoàn thiện hồ sơ theo lý do trên rồi nộp lại trên Cổng dịch vụ công.',
      ],
      facts: citizenFacts(state),
      print: [{ document: 'rejection', name: `Phieu-tu-choi-${state.id}.pdf`, data: rejection(state, event) }],
      audience: 'citizen',
    },
    portalCopy(state),
  ],
}

/** Phiếu từ chối, as `kit/pdf/rejection.ts` wants it. */
function rejection(state: Case, { data, at }: Event<Rejected>): Record<string, unknown> {
  return {
    issuer: issuerOf(state, data.place),
    code: state.code ?? state.id,
    applicant: state.applicant,
    procedure: state.procedure.name,
    lodgedAt: state.lodgedAt,
    reasons: data.reason.split('\n').filter((line) => line.trim() !== ''),
    at,
    clerk: data.clerk,
  }
}

export default reject
