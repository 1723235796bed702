/** Gia hạn: an act that the product does not have, as a test adds it: one file, nothing else changed. */

import { type Case, record } from '#acts/dossier/case.ts'
import { endOfDay, portalCopy, staffFacts, subject } from '#acts/dossier/words.ts'
import type { Act, Decision } from '#kit/act/act.ts'
import { localDate, shortDate } from '#kit/vi/dates.ts'

type Extended = { due: string; reason: string }

const extend: Act<Extended, Extended, Case> = {
  kind: 'dossier.extend',
  v: 1,
  title: 'Gia hạn giải quyết',
  verb: 'Gia hạn',
  icon: 'calendar-plus',
  by: 'party',
  stale: 'allow',
  fields: [
    { name: 'due', label: 'Hẹn trả mới', required: true, kind: 'date', notBefore: 'today' },
    { name: 'reason', label: 'Lý do', required: true, kind: 'text', max: 500, lines: 3 },
  ],
  reply: {
    word: 'GIA HẠN',
    takes: [{ field: 'due' }, { field: 'reason', label: 'LÝ DO' }],
    example: 'GIA HẠN: <ngày/tháng/năm> LÝ DO <nội dung>',
  },
  turns: (state) =>
    state?.due && (state.outer === 2 || state.outer === 4)
      ? [{ party: state.offices.leader.address, act: 'dossier.extend' }]
      : [],
  decide(state, { data }): Decision<Extended> {
    if (!state?.due) return { refused: 'Hồ sơ chưa có ngày hẹn trả.' }
    if (data.due <= localDate(state.due)) return { refused: 'Ngày hẹn mới phải sau ngày hẹn cũ.' }
    return { event: { due: endOfDay(data.due), reason: data.reason } }
  },
  apply(state, event) {
    const text = `Gia hạn đến ${shortDate(event.data.due)}`
    return record(state as Case, event, { due: event.data.due }, { text, publicText: text, note: event.data.reason })
  },
  say: (_state, { data }) => `Gia hạn đến ${shortDate(data.due)}: ${data.reason}`,
  tell: (state, { data }) => [
    {
      to: [state.applicant.email],
      subject: subject(state, 'Gia hạn'),
      paragraphs: [`Ngày hẹn trả mới: ${shortDate(data.due)}. Lý do: ${data.reason}`],
      facts: staffFacts(state),
      audience: 'citizen',
    },
    portalCopy(state),
  ],
}

export default extend
