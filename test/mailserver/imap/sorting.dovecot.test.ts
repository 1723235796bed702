/** SORT, THREAD and their options over the same messages in our service and in a private Dovecot. */
import { expect } from 'chai'
import { corpus, type Sample, vietnameseCorpus } from './corpus.ts'
import { startDovecot } from './dovecot.ts'
import { an, type Client, startFixture } from './fixture.ts'

const samples = corpus()
const all = `1:${samples.length}`
/** "Đỗ Đức": we put it at D, where a reader looks for it; i;unicode-casemap, behind Z. */
const encoded = samples.findIndex(({ name }) => name === 'people: encoded name') + 1
const ascii = `1:${encoded - 1},${encoded + 1}:${samples.length}`

const keys = ['ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO', 'DISPLAYFROM', 'DISPLAYTO']
const commands = [
  ...keys.map((key) => `SORT (${key}) UTF-8 ${ascii}`),
  ...keys.map((key) => `UID SORT (REVERSE ${key}) UTF-8 ${ascii}`),
  ...keys.map((key) => `SORT (${key} REVERSE DATE) US-ASCII ${ascii}`),
  `SORT (SUBJECT FROM REVERSE SIZE) UTF-8 ${all}`,
  `SORT (DATE) UTF-8 SUBJECT bao`,
  `SORT (DATE) UTF-8 SUBJECT nothing-has-this`,
  'SORT RETURN (MIN MAX COUNT ALL) (REVERSE DATE) UTF-8 1:20',
  'UID SORT RETURN () (REVERSE DATE) UTF-8 1:20',
  'SORT RETURN (COUNT) (DATE) UTF-8 SUBJECT nothing-has-this',
  'SORT RETURN (PARTIAL 2:5) (REVERSE DATE) UTF-8 1:20',
  'SORT RETURN (PARTIAL 200:500) (DATE) UTF-8 1:20',
  'SEARCH RETURN (PARTIAL 2:5) ALL',
  'SEARCH RETURN (PARTIAL 5:2) ALL',
  'SEARCH RETURN (PARTIAL 200:500 COUNT) 1:20',
  'SEARCH RETURN (SAVE MIN) 3:9',
  'FETCH $ UID',
  'SEARCH RETURN (SAVE) 3:9',
  'SEARCH RETURN (COUNT) $ 5:20',
  'SORT RETURN (SAVE MAX) (REVERSE DATE) UTF-8 3:9',
  'FETCH $ UID',
  `THREAD REFERENCES UTF-8 ${all}`,
  `UID THREAD REFERENCES UTF-8 1:30`,
  `THREAD REFERENCES UTF-8 2:9,20:40`,
  `THREAD ORDEREDSUBJECT UTF-8 ${all}`,
  'THREAD REFERENCES UTF-8 SUBJECT nothing-has-this',
  `THREAD REFS UTF-8 ${all}`,
  `UID THREAD REFS UTF-8 1:30`,
  `THREAD REFS UTF-8 2:9,20:40`,
  `FETCH ${all} PREVIEW`,
]
/** RFC 5256 §5: no space behind THREAD when there are none; Dovecot writes one. */
const form = (answer: string) =>
  answer
    .replace(/^(OK|NO|BAD).*/m, '$1')
    .replaceAll(/TAG "[^"]*"/g, 'TAG')
    .replace('* THREAD \r', '* THREAD\r')

async function fill(client: Client, mailbox: string, mails: readonly Sample[]): Promise<void> {
  for (const { raw, internalDate } of mails)
    expect(await client.append(mailbox, raw, `"${internalDate}" `)).to.match(/^OK/m)
  await client.ok(`SELECT ${mailbox}`)
}

describe('IMAP: sorted and threaded beside Dovecot', () => {
  it(`${samples.length} messages, in ${commands.length} ways`, async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const ours = await f.as(an)
      await fill(ours, 'Archive', samples)
      await fill(dovecot.client, 'INBOX', samples)
      for (const command of commands)
        expect(form(await ours.command(command)), command).to.equal(form(await dovecot.client.command(command)))
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
  it('Vietnamese subjects stand where their readers look for them', async () => {
    await using f = await startFixture({ threads: 1 })
    const c = await f.as(an)
    await fill(c, 'Archive', vietnameseCorpus())
    const names = vietnameseCorpus().map(({ name }) => name)
    const sorted = /\* SORT ([\d ]+)/.exec(await c.ok('SORT (SUBJECT) UTF-8 ALL'))![1]!.split(' ')
    expect(sorted.map((n) => names[Number(n) - 1])).to.deep.equal([
      ...['dan so', 'Dân số', 'Đơn xin phép', 'đơn xin phép', 'Ê kíp', 'Ẻo lả'],
    ])
  })
})
