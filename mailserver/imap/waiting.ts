/** Waiting for the client while telling it what changes: in IDLE, and between commands under NOTIFY. */
import { ClientGone } from '#mailserver/sessions/output.ts'
import type { Session } from './session.ts'
import { tell } from './tell.ts'

/**
 * Resolves with what arrives; until then the client is told of changes as they come, those of one moment together.
 * @param expunge whether numbers may change now: asked each time
 * @throws ClientGone when the session ends meanwhile, and whatever `arriving` rejects with
 */
export async function tellUntil<T>(session: Session, arriving: Promise<T>, expunge: () => boolean): Promise<T> {
  const state: { arrived?: () => T; stirred: boolean; wake: () => void } = { stirred: true, wake: () => {} }
  const arrive = (take: () => T) => {
    state.arrived = take
    state.wake()
  }
  void arriving.then(
    (value) => arrive(() => value),
    (error: unknown) =>
      arrive(() => {
        throw error
      }),
  )
  const stir = () => {
    state.stirred = true
    state.wake()
  }
  const { view, notices } = session
  if (view) view.wake = stir
  if (notices) notices.wake = stir
  try {
    for (;;) {
      if (state.stirred) {
        state.stirred = false
        session.busy = true
        session.telling = tell(session, { expunge: expunge(), asked: false })
        await session.telling
        session.telling = undefined
        session.out.flush()
        session.busy = false
      }
      if (state.arrived) return state.arrived()
      if (session.ending) throw new ClientGone()
      if (state.stirred) continue
      await new Promise<void>((resolve) => {
        state.wake = resolve
      })
      if (!state.arrived) await session.settle()
    }
  } finally {
    session.telling = undefined
    if (view) view.wake = undefined
    if (notices) notices.wake = undefined
  }
}
