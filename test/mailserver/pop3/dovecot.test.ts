/** The same messages in our POP3 service and in a private Dovecot's: the same answers but for what is explained here. */
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { expect } from 'chai'
import { startDovecot } from '../imap/dovecot.ts'
import { an, type Fixture, PopClient, pop, startFixture } from './fixture.ts'

const messages = [
  'From: a@b\r\nSubject: x\r\n\r\nhello\r\n',
  'From: a@b\nSubject: line feeds\n\n.\n..\nend\n',
  'Subject: dots\r\n\r\n.\r\n..\r\n...\r\na.\r\n.\r\n',
  'Subject: no body\r\n\r\n',
  'Subject: Tiếng Việt\r\n\r\nchữ\r\n',
  `Subject: long\r\n\r\n${'z'.repeat(5_000)}\r\n${'y\r\n'.repeat(50)}`,
]

describe('POP3 beside Dovecot', () => {
  let f: Fixture
  let dovecot: Awaited<ReturnType<typeof startDovecot>>
  let ours: PopClient
  let theirs: PopClient
  before(async function () {
    if (!existsSync('/usr/lib/dovecot/pop3')) return this.skip()
    dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    f = await startFixture()
    const imap = await f.as(an)
    for (const raw of messages) {
      await imap.append('INBOX', raw)
      await dovecot.client.append('INBOX', raw)
    }
    ours = await pop(f, an)
    theirs = new PopClient(connect(dovecot.pop3, '127.0.0.1'))
    await theirs.until('\r\n')
    await theirs.good('USER u')
    await theirs.good('PASS x')
  })
  after(async () => {
    ours?.destroy()
    theirs?.destroy()
    dovecot?.stop()
    await f?.[Symbol.asyncDispose]()
  })

  it('STAT, LIST and every message, whole and its top', async () => {
    expect(await ours.good('STAT')).to.equal(await theirs.good('STAT'))
    expect(await ours.many('LIST')).to.equal(await theirs.many('LIST'))
    for (let n = 1; n <= messages.length; n++)
      for (const command of [`RETR ${n}`, `TOP ${n} 0`, `TOP ${n} 1`, `TOP ${n} 3`, `TOP ${n} 1000`])
        expect(await ours.many(command), command).to.equal(await theirs.many(command))
  })

  it('accepts and refuses the same commands', async () => {
    const commands = [
      ...[
        'LIST 1',
        'LIST 7',
        'LIST 0',
        'LIST x',
        'UIDL 1',
        'UIDL 99',
        'RETR',
        'RETR 99',
        'TOP 1',
        'TOP x 1',
        'DELE 7',
        'NOSUCH',
      ],
      ...[
        'DELE 1',
        'DELE 1',
        'LIST 1',
        'RETR 1',
        'UIDL 1',
        'TOP 1 1',
        'NOOP',
        'RSET',
        'LIST 1',
        'USER a',
        'PASS b',
        'STLS',
      ],
    ]
    for (const command of commands) {
      const [mine, other] = [await ours.line(command), await theirs.line(command)]
      expect(mine.split(' ')[0], command).to.equal(other.split(' ')[0])
    }
  })
})
