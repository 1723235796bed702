/** `* n FETCH (…)` of nothing but flags and numbers, thousands of lines at a time, out of what is kept in memory. */
import type { KeptFlags } from '../keptflags.ts'
import type { Session } from '../session.ts'
import type { Known, View } from '../view.ts'
import type { FetchPlan } from './fetch.ts'

/** Characters between two looks at what the client takes. */
const textAtOnce = 2_048

/**
 * As much as the client takes now.
 * @param known of the view, just now
 * @param plan of flags only
 * @param changedSince only those with a higher mod-sequence
 * @returns the UID to go on with
 */
export function writeKeptFlags(
  session: Session,
  view: View,
  flags: KeptFlags,
  { numbers, places, next }: Known,
  { plan, changedSince = -1 }: { plan: FetchPlan; changedSince?: number | undefined },
): number {
  const { out, uidOnly } = session
  const { uids } = view.watch
  const items = plan.items.map(({ item }) => item)
  const recentFrom = session.rev2 || view.readOnly ? Infinity : view.recentFrom
  // what nearly everybody asks, in one piece: thousands of lines at once
  const usual = !uidOnly && items.join() === 'uid,flags'
  let text = ''
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!
    if (changedSince >= 0 && flags.modseq(place) <= changedSince) continue
    const uid = uids[place]!
    if (text.length >= textAtOnce) {
      out.text(text)
      text = ''
      if (out.mustDrain) return uid
    }
    if (usual && uid < recentFrom) {
      text += `* ${numbers[i]} FETCH (UID ${uid} FLAGS (${flags.written(place)}))\r\n`
      continue
    }
    text += uidOnly ? `* ${uid} UIDFETCH (` : `* ${numbers[i]} FETCH (`
    for (let at = 0; at < items.length; at++) {
      if (at > 0) text += ' '
      if (items[at] === 'uid') text += `UID ${uid}`
      else if (items[at] === 'modseq') text += `MODSEQ (${flags.modseq(place)})`
      else {
        const written = flags.written(place)
        text += uid < recentFrom ? `FLAGS (${written})` : `FLAGS (${written ? `${written} ` : ''}\\Recent)`
      }
    }
    text += ')\r\n'
  }
  out.text(text)
  return next
}
