/**
 * Why an answer of ours may differ from Dovecot's. A rule is about some fields of a part and a property of the letter, and says
 * what Dovecot makes of ours (or the other way round): another difference in the same field, or the same one elsewhere, is not explained.
 */

import type { Compared } from './beside.ts'
import { items } from './beside.ts'
import { type Difference, differences, same } from './differences.ts'
import { octets } from './octets.ts'
import { Reading } from './reading.ts'
import { rules } from './rules.ts'
import { shapes } from './shapes.ts'

export type Explained = { whys: Map<string, number>; unexplained: Difference[] }

export function explain({ letter, ours, theirs }: Compared): Explained {
  const reading = new Reading(letter.raw)
  const whys = new Map<string, number>()
  const unexplained: Difference[] = []
  /** parts that the two sides divide differently, and why: what is below them is not comparable */
  const divided = new Map<string, string>()
  const because = (why: string) => whys.set(why, (whys.get(why) ?? 0) + 1)

  function one(d: Difference): void {
    if (d.field === 'shape') {
      for (const { why, becomes } of shapes) {
        const next = becomes(d, reading)
        if (!next) continue
        because(why)
        if (next === 'divided') divided.set(d.part, why)
        else for (const each of next) one(each)
        return
      }
    } else if (d.field === 'octets') {
      const above = [...divided].find(([part]) => below(d, part))
      const why = octets.find((rule) => rule.explains(d, reading, { ours, theirs }))?.why ?? above?.[1]
      if (why) {
        because(why)
        return
      }
    } else {
      let pair: Difference = d
      for (const rule of rules) {
        if (!rule.fields.includes(d.field)) continue
        const next = { ...pair, ...rule.level(pair, reading) }
        if (!same(next.ours, pair.ours) || !same(next.theirs, pair.theirs)) because(rule.why)
        pair = next
        if (same(pair.ours, pair.theirs)) return
      }
    }
    unexplained.push(d)
  }
  // the structure first: it says what can be compared
  for (const item of ['BODYSTRUCTURE', ...items.filter((name) => name !== 'BODYSTRUCTURE')])
    for (const d of differences(item, ours.get(item) ?? null, theirs.get(item) ?? null)) one(d)
  return { whys, unexplained }
}

/** a section of this part or of one inside it; of a letter that is divided differently as a whole, any part */
function below({ item, part }: Difference, divided: string): boolean {
  const whole = divided.replaceAll('>', '')
  if (whole === '') return part !== '' && /\[\d/.test(item)
  return part === whole || part.startsWith(`${whole}.`)
}
