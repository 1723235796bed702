/** 320 letters, real and broken, in our service and in a private Dovecot: the same structure, envelope and sections, or a rule that says why not. */
import { expect } from 'chai'
import { startDovecot } from './dovecot.ts'
import { an, type Client, startFixture } from './fixture.ts'
import { readFetched, type Value } from './letters/answer.ts'
import { letters } from './letters/chance.ts'
import { explain } from './letters/explained.ts'

const count = 320
const seed = process.env['CONGSO_LETTERS_SEED'] ?? 'congso'
const items = [
  ...['RFC822.SIZE', 'ENVELOPE', 'BODY', 'BODYSTRUCTURE'],
  ...[
    '',
    'HEADER',
    'TEXT',
    '1',
    '2',
    '3',
    '1.1',
    '1.2',
    '2.1',
    '2.2',
    '1.MIME',
    '2.MIME',
    '1.1.MIME',
    '1.HEADER',
    '2.HEADER',
    '1.TEXT',
    '2.TEXT',
  ].map((section) => `BODY.PEEK[${section}]`),
  ...[
    'BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]',
    'BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT FROM)]',
    'BODY.PEEK[]<5.30>',
    'BODY.PEEK[TEXT]<3.100000>',
    'BODY.PEEK[1]<1.5>',
  ],
]

describe(`IMAP: ${count} letters beside Dovecot (seed ${seed})`, () => {
  it('structure, envelope and sections', async function () {
    this.timeout(180_000)
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const ours = await f.as(an)
      const theirs = dovecot.client
      const all = letters({ seed, count })
      for (const { raw, name } of all) {
        expect(await ours.append('Archive', raw), name).to.match(/^OK/m)
        expect(await theirs.append('INBOX', raw), name).to.match(/^OK/m)
      }
      await ours.ok('SELECT Archive')
      await theirs.ok('SELECT INBOX')
      const different: string[] = []
      const used = new Map<string, number>()
      for (const [at, letter] of all.entries()) {
        const [mine, other] = await Promise.all([fetched(ours, at + 1), fetched(theirs, at + 1)])
        for (const item of items) {
          const rule = explain({ letter, item, ours: mine, theirs: other })
          if (rule === 'different')
            different.push(
              `${letter.name} ${item}\n  ours   ${JSON.stringify(mine.get(item))?.slice(0, 900)}\n  theirs ${JSON.stringify(other.get(item))?.slice(0, 900)}`,
            )
          else if (rule !== 'same') used.set(rule, (used.get(rule) ?? 0) + 1)
        }
      }
      if (process.env['CONGSO_LETTERS_SHOW']) console.log(used, different.join('\n'))
      expect(different.join('\n')).to.equal('')
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
})

async function fetched(client: Client, n: number): Promise<Map<string, Value>> {
  const answer = await client.ok(`FETCH ${n} (${items.join(' ')})`)
  const list = readFetched(answer.slice(answer.indexOf(`* ${n} FETCH`)))
  const all = new Map<string, Value>()
  for (let i = 0; i < list.length; i += 2) all.set(String(list[i]), list[i + 1]!)
  return new Map(
    items.map((item) => [
      item,
      all.get(
        item
          .replace('.PEEK', '')
          .replace(/<(\d+)\.\d+>/, '<$1>')
          .toUpperCase(),
      ) ?? null,
    ]),
  )
}
