/**
 * Why an answer of ours may differ from Dovecot's. A rule is about some fields of a part and a property of the letter, and says
 * what Dovecot makes of ours (or the other way round): another difference in the same field, or the same one elsewhere, is not explained.
 */

import type { Value } from './answer.ts'
import type { Answers, Compared } from './beside.ts'
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
  /** parts that the two sides divide differently, and why: below them only those parts are comparable of which both say the same */
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
      const above = sameHere(d, ours, theirs) ? undefined : [...divided].find(([part]) => below(d, part))
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

/** Both sides have this part, of the same kind and size, so its octets are the same wherever they found it. */
function sameHere({ item, part }: Difference, ours: Answers, theirs: Answers): boolean {
  if (item !== `BODY.PEEK[${part}]`) return false // its header may be what made the difference
  const [mine, other] = [ours, theirs].map((all) =>
    leafAt(all.get('BODYSTRUCTURE') ?? null, part.split('.').map(Number)),
  )
  return mine !== undefined && other !== undefined && [0, 1, 5, 6].every((n) => same(mine[n]!, other[n]!))
}

/** RFC 9051 §6.4.5.1: how parts are numbered. @returns a part that has no parts in it */
function leafAt(body: Value, [first, ...rest]: number[]): Value[] | undefined {
  if (!Array.isArray(body)) return undefined
  if (first === undefined) return Array.isArray(body[0]) || Array.isArray(body[8]) ? undefined : body
  if (Array.isArray(body[0])) {
    const child = body[first - 1]
    if (!Array.isArray(child)) return undefined
    const inner = Array.isArray(child[8]) && Array.isArray(child[7]) ? child[8] : undefined
    return inner && rest.length > 0 ? leafAt(inner, rest) : leafAt(child, rest)
  }
  return first === 1 && rest.length === 0 ? leafAt(body, []) : undefined
}

/** a section of this part or of one inside it; of a letter that is divided differently as a whole, any part */
function below({ item, part }: Difference, divided: string): boolean {
  const whole = divided.replaceAll('>', '')
  if (whole === '') return part !== '' && /\[\d/.test(item)
  return part === whole || part.startsWith(`${whole}.`)
}
