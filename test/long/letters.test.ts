/** Letters put together by chance from twenty seeds, in our service and in a private Dovecot: no difference without a reason. */
import { unexplainedOf } from '#test/mailserver/imap/letters/unexplained.ts'

const seeds = Array.from({ length: 20 }, (_, n) => String(n + 1))
const count = 320

describe(`IMAP: ${count} letters beside Dovecot, seeds 1 to ${seeds.length}`, () => {
  for (const seed of seeds)
    it(`seed ${seed}`, async function () {
      this.timeout(180_000)
      if (!(await unexplainedOf({ seed, count }))) this.skip()
    })
})
