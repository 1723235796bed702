/** Báo quá hạn: the timer tells the holder and the leader that a step is late. Changes nobody's turn. */
import type { Act } from '#kit/act/act.ts'
import { type Case, record } from './case.ts'
import { type OfTurn, readOfTurn, turnEnded } from './timed.ts'
import { moment, portalCopy, staffFacts, subject } from './words.ts'

type Late = OfTurn & { due: string; name: string }

const overdue: Act<OfTurn, Late, Case> = {
  kind: 'dossier.overdue',
  v: 1,
  title: 'Báo quá hạn',
  verb: 'Báo quá hạn',
  icon: 'alert-triangle',
  by: 'timer',
  stale: 'allow',
  fields: [],
  read: readOfTurn,
  turns: () => [],

  decide(state, { data, receivedAt }) {
    const ended = turnEnded(state, data.turn)
    if (ended || !state?.turn?.due) return ended ?? { refused: 'Việc này không có hạn.' }
    if (state.reportedLate === data.turn) return { refused: 'Đã báo quá hạn việc này.' }
    if (receivedAt <= state.turn.due) return { refused: 'Việc này chưa quá hạn.' }
    return { event: { turn: data.turn, due: state.turn.due, name: state.turn.party.name } }
  },

  apply(state, event) {
    const { turn, due, name } = event.data
    const text = `Quá hạn ở ${name} (hạn ${moment(due)})`
    return record(state as Case, event, { reportedLate: turn }, { text }, { quiet: true })
  },

  say: (_state, { data }) => `Quá hạn ở ${data.name} (hạn ${moment(data.due)})`,

  tell: (state, { data }) => [
    ...(state.turn
      ? [
          {
            to: [state.turn.party.address],
            subject: subject(state, 'Quá hạn'),
            paragraphs: [`Hồ sơ này đã quá hạn của bước (${moment(data.due)}). Xử lý ngay.`],
            facts: staffFacts(state),
            asks: state.turn.acts,
            audience: 'staff' as const,
          },
        ]
      : []),
    ...(state.turn && state.turn.party.address !== state.offices.leader.address
      ? [
          {
            to: [state.offices.leader.address],
            subject: subject(state, 'Báo quá hạn'),
            paragraphs: [`Hồ sơ đang chậm ở ${data.name}, hạn của bước là ${moment(data.due)}.`],
            facts: staffFacts(state),
            audience: 'staff' as const,
          },
        ]
      : []),
    portalCopy(state),
  ],
}

export default overdue
