/** 320 letters, real and broken, in our service and in a private Dovecot: the same structure, envelope and sections, or a rule that says why not. */
import { unexplainedOf } from './letters/unexplained.ts'

const count = 320
const seed = process.env['CONGSO_LETTERS_SEED'] ?? 'congso'

describe(`IMAP: ${count} letters beside Dovecot (seed ${seed})`, () => {
  it('structure, envelope and sections', async function () {
    this.timeout(180_000)
    if (!(await unexplainedOf({ seed, count }))) this.skip()
  })
})
