/** Results of searches that a client follows (RFC 5267), applied as a client applies them and compared with asking again. */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { startDovecot } from './dovecot.ts'
import { an, type Client, type Fixture, ha, mail, startFixture } from './fixture.ts'

/** What a client does with ADDTO and REMOVEFROM (§4.3.1, §4.3.2). */
function apply(results: number[], told: string, tag: string): number[] {
  let now = [...results]
  const lines = told.matchAll(
    new RegExp(`^\\* ESEARCH \\(TAG "${tag}"\\)( UID)? (ADDTO|REMOVEFROM) \\((.*)\\)\r$`, 'gm'),
  )
  for (const [, , word, list] of lines) {
    const parts = list!.split(' ')
    for (let i = 0; i < parts.length; i += 2) {
      const at = Number(parts[i])
      const uids = parts[i + 1]!.split(',').flatMap((range) => {
        const [from, to = from] = range.split(':').map(Number) as [number, number?]
        return Array.from({ length: to - from + 1 }, (_, n) => from + n)
      })
      if (word === 'REMOVEFROM') {
        if (at) expect(now[at - 1], told).to.equal(uids[0])
        now = now.filter((uid) => !uids.includes(uid))
      } else if (at) now.splice(at - 1, 0, ...uids)
      else now.push(...uids)
    }
  }
  return now
}

describe('IMAP: searches that are followed', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
  })
  afterEach(() => f[Symbol.asyncDispose]())
  const selected = async (): Promise<Client> => {
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    return c
  }
  const tagOf = (answer: string) => /\(TAG "([^"]+)"/.exec(answer)![1]!

  it('tells what comes into a search and what leaves it, by UIDs and by numbers', async () => {
    for (let i = 1; i <= 3; i++) await f.deliver(an, mail(`Thư ${i}`))
    const c = await selected()
    expect(await c.ok('CAPABILITY')).to.match(/ CONTEXT=SEARCH CONTEXT=SORT /)
    const first = await c.ok('UID SEARCH RETURN (UPDATE ALL) UNSEEN')
    expect(first).to.match(/^\* ESEARCH \(TAG "t\d+"\) UID ALL 1:3\r$/m)
    const second = await c.ok('SEARCH RETURN (UPDATE COUNT) FLAGGED')
    expect(second).to.match(/^\* ESEARCH \(TAG "t\d+"\) COUNT 0\r$/m)
    // one's own change is told too
    const own = await c.ok('UID STORE 2 +FLAGS (\\Seen)')
    expect(own).to.contain(`* ESEARCH (TAG "${tagOf(first)}") UID REMOVEFROM (0 2)\r\n`)
    await f.deliver(an, mail('Thư 4'))
    const came = await c.ok('NOOP')
    expect(came).to.match(/\* 4 EXISTS[\s\S]*ADDTO \(0 4\)/)
    const other = await selected()
    await other.ok('STORE 1 +FLAGS (\\Flagged \\Deleted)')
    await other.ok('EXPUNGE')
    const gone = await c.ok('NOOP')
    expect(gone, 'before its number is lost').to.match(/UID REMOVEFROM \(0 1\)[\s\S]*\* 1 EXPUNGE/)
    await other.ok('STORE 2 +FLAGS (\\Flagged)')
    expect(await c.ok('NOOP')).to.contain(`* ESEARCH (TAG "${tagOf(second)}") ADDTO (0 2)\r\n`)
    await c.ok(`CANCELUPDATE "${tagOf(first)}" "${tagOf(second)}"`)
    await other.ok('STORE 2 -FLAGS (\\Flagged)')
    expect(await c.ok('NOOP')).not.to.contain('ESEARCH')
  })

  it('tells in IDLE, and no more once the mailbox is left', async () => {
    const c = await selected()
    const asked = await c.ok('UID SEARCH RETURN (UPDATE) SUBJECT "báo cáo"')
    expect(asked).to.match(/^\* ESEARCH \(TAG "t\d+"\) UID\r$/m)
    c.write('i IDLE\r\n')
    await c.until('+ idling\r\n')
    await f.deliver(an, mail('Báo cáo tháng'))
    expect(await c.until(/ADDTO[^\r]*\r\n/)).to.match(/ADDTO \(0 1\)/)
    await f.deliver(an, mail('Việc khác'))
    expect(await c.until(/\* 2 EXISTS\r\n/)).not.to.contain('ADDTO')
    c.write('DONE\r\n')
    await c.until(/^i OK/m)
    await c.ok('SELECT INBOX')
    await f.deliver(an, mail('Báo cáo quý'))
    expect(await c.ok('NOOP')).not.to.contain('ADDTO')
  })

  it('says that it does not follow what changes without a message changing', async () => {
    await f.deliver(an, mail('Thư 1'))
    const c = await selected()
    for (const key of ['TEXT thư', 'YOUNGER 60', 'NOT OLDER 60', '1:*', 'UID *', 'UID 5:*', 'OR SEEN BODY x'])
      expect(await c.ok(`UID SEARCH RETURN (UPDATE ALL) ${key}`), key).to.match(/^\* NO \[NOUPDATE "t\d+"\]/m)
    for (let i = 0; i < 8; i++) expect(await c.ok('UID SEARCH RETURN (UPDATE) SEEN')).not.to.contain('NOUPDATE')
    const ninth = await c.ok('UID SORT RETURN (UPDATE) (DATE) UTF-8 SEEN')
    expect(ninth).to.contain('NOUPDATE')
    await c.ok(`CANCELUPDATE "${tagOf(ninth)}"`)
    c.write('same UID SEARCH RETURN (ALL) ALL\r\nt5 CANCELUPDATE x\r\nt6 CANCELUPDATE\r\n')
    expect(await c.until(/^t6 BAD.*\r\n/m)).to.match(/^t5 BAD/m)
    await c.ok('CLOSE')
    expect(await c.command('CANCELUPDATE "a"')).to.match(/^BAD/m)
  })

  it('a tag in use is not taken for a second search', async () => {
    const c = await selected()
    c.write('a UID SEARCH RETURN (UPDATE) SEEN\r\na UID SEARCH RETURN (UPDATE) ALL\r\n')
    await c.until(/^a OK.*\r\n/m)
    expect(await c.until(/^a .*\r\n/m)).to.match(/^a BAD/m)
  })

  for (const order of ['SUBJECT', 'REVERSE DATE SUBJECT', 'SIZE'])
    it(`random changes by two sessions give what asking again gives, SORT (${order}) among them`, async () => {
      const c = await selected()
      const other = await selected()
      const search = 'UNDELETED OR FLAGGED UNSEEN'
      let [found, sorted]: [number[], number[]] = [[], []]
      const tags = [
        tagOf(await c.ok(`UID SEARCH RETURN (UPDATE ALL) ${search}`)),
        tagOf(await c.ok(`UID SORT RETURN (UPDATE ALL CONTEXT) (${order}) UTF-8 ${search}`)),
      ] as const
      for (let round = 0; round < 25; round++) {
        const dice = [...createHash('sha512').update(`${order} ${round}`).digest()]
        const who = dice[0]! % 2 ? c : other
        let told = ''
        const act = async (command: string) => {
          const answer = await who.command(command)
          if (who === c) told += answer
        }
        await f.deliver(an, mail(`Thư ${dice[1]! % 5}`, 'x'.repeat(dice[2]! % 7)))
        const uid = 1 + (dice[3]! % (round + 1))
        const flags = ['\\Seen', '\\Flagged', '\\Deleted'][dice[4]! % 3]
        await act(`UID STORE ${uid}:${uid + (dice[5]! % 4)} ${dice[6]! % 2 ? '+' : '-'}FLAGS (${flags})`)
        if (dice[7]! % 4 === 0) await act('EXPUNGE')
        told += await c.ok('NOOP')
        found = apply(found, told, tags[0])
        sorted = apply(sorted, told, tags[1])
        const again = await c.ok(`UID SORT (${order}) UTF-8 ${search}`)
        const expected = (/^\* SORT(.*)\r$/m.exec(again)![1]!.match(/\d+/g) ?? []).map(Number)
        expect(sorted, `round ${round}`).to.deep.equal(expected)
        expect(
          [...found].sort((a, b) => a - b),
          `round ${round}`,
        ).to.deep.equal([...expected].sort((a, b) => a - b))
      }
    })

  it('a change of thousands of flags', async function () {
    this.timeout(60_000)
    await f.deliver(an, mail('một'))
    const imap = await selected()
    for (let have = 1; have < 4_096; have *= 2) await imap.ok('UID COPY 1:* INBOX')
    const c = await selected()
    const asked = await c.ok('UID SEARCH RETURN (UPDATE COUNT) UNSEEN')
    await imap.ok('UID STORE 1:* +FLAGS.SILENT (\\Seen)')
    const told = await c.ok('NOOP')
    const all = Array.from({ length: 4_096 }, (_, i) => i + 1)
    expect(apply(all, told, tagOf(asked))).to.deep.equal([])
  })

  it('tells what Dovecot tells of the same changes', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    const sides = [
      { watch: await f.as(an), change: await f.as(an) },
      { watch: dovecot.client, change: await dovecot.another() },
    ]
    const outcomes: string[][] = []
    try {
      for (const { watch, change } of sides) {
        for (let i = 1; i <= 4; i++) await change.append('INBOX', mail(`Thu ${i}`))
        for (const c of [watch, change]) await c.ok('SELECT INBOX')
        const told: string[] = []
        const tag = tagOf(await watch.ok('UID SEARCH RETURN (UPDATE ALL) UNSEEN NOT DELETED'))
        let results = [1, 2, 3, 4]
        for (const command of [
          'UID STORE 2:3 +FLAGS (\\Seen)',
          'UID STORE 3 -FLAGS (\\Seen)',
          'UID STORE 4 +FLAGS (\\Deleted)',
          'EXPUNGE',
          'UID STORE 1,3 +FLAGS (\\Answered)',
        ]) {
          await change.ok(command)
          results = apply(results, await watch.ok('NOOP'), tag).sort((a, b) => a - b)
          told.push(`${command}: ${results}`)
        }
        await change.append('INBOX', mail('Thu 5'))
        results = apply(results, await watch.ok('NOOP'), tag).sort((a, b) => a - b)
        await watch.ok(`CANCELUPDATE "${tag}"`)
        await change.ok('UID STORE 1 +FLAGS (\\Seen)')
        told.push(`${results}`, `${/ESEARCH/.test(await watch.ok('NOOP'))}`)
        outcomes.push(told)
      }
      expect(outcomes[0]).to.deep.equal(outcomes[1])
      expect(outcomes[0]!.slice(-2)).to.deep.equal(['1,3,5', 'false'])
    } finally {
      for (const { change } of sides) change.destroy()
      dovecot.client.destroy()
      dovecot.stop()
    }
  })

  it('stays with the mailbox that it was asked in', async () => {
    const c = await f.as(ha)
    expect(await c.command('CANCELUPDATE "a"')).to.match(/^BAD/m)
  })
})
