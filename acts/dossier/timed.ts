/** What the two acts of the timer share: the turn they speak of, read strictly. */
import type { ActRefusal } from '#kit/act/act.ts'
import type { Case } from './case.ts'

/** `turn` is the seq of the event that gave the case to its holder: a turn is reminded of once and reported late once. */
export type OfTurn = { turn: number }

export function readOfTurn(data: unknown): { data: OfTurn } | ActRefusal {
  const turn = (data as { turn?: unknown } | null)?.turn
  if (!Number.isInteger(turn) || Object.keys(data as object).length !== 1) return { refused: 'Lệnh nhắc việc sai mẫu.' }
  return { data: { turn: turn as number } }
}

/** Why a timer's command no longer applies: the case moved on before it was decided. */
export function turnEnded(state: Case | undefined, turn: number): ActRefusal | undefined {
  if (!state?.turn?.due || state.turn.seq !== turn) return { refused: 'Việc này đã chuyển sang bước khác.' }
  return undefined
}
