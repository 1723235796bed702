/** The same letters in our service and in a private Dovecot, asked for item by item. */
import { expect } from 'chai'
import { startDovecot } from '../dovecot.ts'
import { an, type Client, startFixture } from '../fixture.ts'
import { readFetched, type Value } from './answer.ts'
import { letters } from './chance.ts'
import type { Letter } from './forms.ts'

const sections = [
  ...['', 'HEADER', 'TEXT', '1', '2', '3', '1.1', '1.2', '2.1', '2.2', '1.MIME', '2.MIME', '1.1.MIME'],
  ...['1.HEADER', '2.HEADER', '1.TEXT', '2.TEXT'],
]
export const items = [
  ...['RFC822.SIZE', 'ENVELOPE', 'BODY', 'BODYSTRUCTURE'],
  ...sections.map((section) => `BODY.PEEK[${section}]`),
  ...['BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]', 'BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT FROM)]'],
  ...['BODY.PEEK[]<5.30>', 'BODY.PEEK[TEXT]<3.100000>', 'BODY.PEEK[1]<1.5>'],
]

export type Answers = ReadonlyMap<string, Value>
export type Compared = { letter: Letter; ours: Answers; theirs: Answers }

/** @returns undefined when there is no Dovecot to compare with */
export async function beside({ seed, count }: { seed: string; count: number }): Promise<Compared[] | undefined> {
  const dovecot = await startDovecot()
  if (!dovecot) return undefined
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
    const compared: Compared[] = []
    for (const [at, letter] of all.entries()) {
      const [mine, other] = await Promise.all([fetched(ours, at + 1), fetched(theirs, at + 1)])
      compared.push({ letter, ours: mine, theirs: other })
    }
    return compared
  } finally {
    dovecot.client.destroy()
    dovecot.stop()
  }
}

async function fetched(client: Client, n: number): Promise<Answers> {
  const answer = await client.ok(`FETCH ${n} (${items.join(' ')})`)
  const list = readFetched(answer.slice(answer.indexOf(`* ${n} FETCH`)))
  const all = new Map<string, Value>()
  for (let i = 0; i < list.length; i += 2) all.set(String(list[i]), list[i + 1]!)
  return new Map(items.map((item) => [item, all.get(nameOf(item)) ?? null]))
}

/** as it is told in the answer */
const nameOf = (item: string): string =>
  item
    .replace('.PEEK', '')
    .replace(/<(\d+)\.\d+>/, '<$1>')
    .toUpperCase()
