/** Compares, explains, and fails with what no rule explains. */
import { expect } from 'chai'
import { beside } from './beside.ts'
import { explain } from './explained.ts'

/** Characters shown of an answer: enough to see the difference, and the log stays readable. */
const shown = 900

/** @returns false when there is no Dovecot to compare with */
export async function unexplainedOf({ seed, count }: { seed: string; count: number }): Promise<boolean> {
  const compared = await beside({ seed, count })
  if (!compared) return false
  const whys = new Map<string, number>()
  const unexplained = compared.flatMap((one) => {
    const found = explain(one)
    for (const [why, times] of found.whys) whys.set(why, (whys.get(why) ?? 0) + times)
    return found.unexplained.map(
      ({ item, part, field, ours, theirs }) =>
        `${one.letter.name}: ${item}, part "${part}", ${field}\n  ours   ${JSON.stringify(ours)?.slice(0, shown)}\n  theirs ${JSON.stringify(theirs)?.slice(0, shown)}`,
    )
  })
  if (process.env['CONGSO_LETTERS_SHOW']) console.log(whys)
  expect(unexplained.join('\n')).to.equal('')
  return true
}
