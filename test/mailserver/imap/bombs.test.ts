/** Mail built to cost more than it weighs, taken in and asked for in every way, while somebody else reads theirs. */
import { expect } from 'chai'
import { an, type Fixture, ha, mail, startFixture } from './fixture.ts'

const MB = 1024 ** 2
/** Milliseconds in which the other person must be answered; two cores do more than this meanwhile. */
const servedMs = 5_000
/** Octets of resident memory that one of these may cost beyond what it weighs. */
const mostMemory = 250 * MB

const bombs: Record<string, () => string> = {
  '100,000 parts': () =>
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}--b--\r\n`,
  '100,000 attachments with names': () =>
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\nContent-Type: a/b; name*0*=utf-8''%C4%91; name*1=x\r\n\r\n".repeat(60_000)}`,
  'multiparts nested 10,000 deep': () =>
    Array.from({ length: 10_000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join(
      '',
    ),
  'messages nested 100,000 deep': () => 'Content-Type: message/rfc822\r\n\r\n'.repeat(100_000),
  'a header that does not end': () => 'X-A: b\r\n'.repeat(500_000),
  'a million addresses': () => `To: ${'a@b,'.repeat(1_000_000)}\r\n\r\nx\r\n`,
  'a million references': () => `References: ${'<a@b> '.repeat(700_000)}\r\n\r\nx\r\n`,
  'a line of 4 MB': () => `Subject: x\r\n\r\n${'x'.repeat(4 * MB)}`,
  'base64 that is none': () =>
    `Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n${'=A=!'.repeat(MB)}`,
  'quoted-printable that is none': () =>
    `Content-Type: text/plain; charset=nonsense\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'=\r=\n=ZZ= \t'.repeat(400_000)}`,
  'brackets, quotes and encoded words': () =>
    `From: ${'("<'.repeat(100_000)}\r\nSubject: ${'=?utf-8?q?='.repeat(50_000)}\r\nContent-Type: ${'text/('.repeat(50_000)}\r\n\r\n`,
}

describe('IMAP: mail built to cost', function () {
  this.timeout(120_000)
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 1, quota: 500 * MB })
    await f.deliver(ha, mail('Thư của người khác'))
  })
  after(() => f[Symbol.asyncDispose]())

  for (const [name, make] of Object.entries(bombs))
    it(name, async () => {
      const raw = make()
      const memory = process.memoryUsage().rss
      const other = await f.as(ha)
      await other.ok('SELECT INBOX')
      let slowest = 0
      const stop = new AbortController()
      const reading = (async () => {
        while (!stop.signal.aborted) {
          const began = performance.now()
          await other.ok('FETCH 1 (ENVELOPE BODY.PEEK[])')
          slowest = Math.max(slowest, performance.now() - began)
        }
      })()
      try {
        const uid = await f.deliver(an, raw)
        const c = await f.as(an)
        await c.ok('SELECT INBOX')
        for (const command of [
          `UID FETCH ${uid} (ENVELOPE BODY BODYSTRUCTURE PREVIEW RFC822.SIZE)`,
          `UID FETCH ${uid} (BODY.PEEK[HEADER] BODY.PEEK[1] BODY.PEEK[1.1.1.MIME] BODY.PEEK[5000] BODY.PEEK[HEADER.FIELDS (TO X-A)])`,
          `UID FETCH ${uid} (BINARY.PEEK[1] BINARY.SIZE[1])`,
          `UID SEARCH UID ${uid} OR TEXT khong HEADER X-A b`,
          'UID SORT (SUBJECT FROM) UTF-8 ALL',
          'UID THREAD REFERENCES UTF-8 ALL',
        ])
          expect(await c.command(command), command).to.match(/^(OK|NO \[(?!SERVERBUG))/m)
        c.destroy()
      } finally {
        stop.abort()
        await reading
        other.destroy()
      }
      expect(slowest).to.be.below(servedMs)
      expect(process.memoryUsage().rss - memory).to.be.below(mostMemory)
    })
})
