/** Nhắc việc: the timer tells the holder of a case that the deadline of the step is near. Changes nobody's turn. */
import type { Act } from '#kit/act/act.ts'
import { type Case, record } from './case.ts'
import { type OfTurn, readOfTurn, turnEnded } from './timed.ts'
import { moment, portalCopy, staffFacts, subject } from './words.ts'

type Reminded = OfTurn & { due: string; name: string }

const remind: Act<OfTurn, Reminded, Case> = {
  kind: 'dossier.remind',
  v: 1,
  title: 'Nhắc sắp đến hạn',
  verb: 'Nhắc việc',
  icon: 'bell',
  by: 'timer',
  stale: 'allow',
  fields: [],
  read: readOfTurn,
  turns: () => [],

  decide(state, { data }) {
    const ended = turnEnded(state, data.turn)
    if (ended || !state?.turn?.due) return ended ?? { refused: 'Việc này không có hạn.' }
    if (state.reminded === data.turn) return { refused: 'Đã nhắc việc này.' }
    return { event: { turn: data.turn, due: state.turn.due, name: state.turn.party.name } }
  },

  apply(state, event) {
    const { turn, due, name } = event.data
    const text = `Nhắc ${name}: hạn ${moment(due)}`
    return record(state as Case, event, { reminded: turn }, { text }, { quiet: true })
  },

  say: (_state, { data }) => `Nhắc ${data.name}: hạn ${moment(data.due)}`,

  tell: (state, { data }) =>
    state.turn
      ? [
          {
            to: [state.turn.party.address],
            subject: subject(state, 'Sắp đến hạn'),
            paragraphs: [`Hồ sơ này đang chờ xử lý, hạn ${moment(data.due)}.`],
            facts: staffFacts(state),
            asks: state.turn.acts,
            audience: 'staff',
          },
          portalCopy(state),
        ]
      : [portalCopy(state)],
}

export default remind
