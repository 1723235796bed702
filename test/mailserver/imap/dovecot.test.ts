/** The same messages in our service and in a private Dovecot: the same answers, or a difference that is explained here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { startDovecot } from './dovecot.ts'
import { an, startFixture } from './fixture.ts'

const replies = join(import.meta.dirname, '../../fixtures/replies')
const crlf = (text: string) => Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1')

const odd: Record<string, string> = {
  'no header': '\nbody only\n',
  'no body': 'From: a@b\nSubject: x\n\n',
  'message in a message': 'From: a@b\nContent-Type: message/rfc822\n\nFrom: c@d\nSubject: s\n\nhello\n',
  digest: 'Content-Type: multipart/digest; boundary=d\n\n--d\n\nFrom: a@b\n\nx\n--d--\n',
  'nested messages': [
    'From: a@b\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\npre\n--x\n\nplain\n--x\nContent-Type: message/rfc822\n',
    'From: c@d\nSubject: in\nContent-Type: multipart/alternative; boundary=y\n',
    '--y\nContent-Type: text/plain\n\none\n--y\nContent-Type: text/html\n\n<b>two\n--y--\n\n--x\nContent-Type: message/rfc822\n',
    'From: e@f\n\nsimple\n--x--\nepi\n',
  ].join('\n'),
  'never closed': [
    'From: a@b\nContent-Type: multipart/mixed; boundary="q"\n\n--q\nContent-Type: text/plain; charset=utf-8; name="a b.txt"',
    `Content-Disposition: attachment; filename*=utf-8''%C4%90.txt\nContent-Transfer-Encoding: base64\nContent-ID: <q@w>`,
    'Content-Description: desc\nContent-Language: vi, en\nContent-MD5: abc\nContent-Location: loc\n\nQUJD\n',
  ].join('\n'),
  'groups and two senders':
    'From: A: a@b, "C D" <c@d>;\nTo: undisclosed-recipients:;\nReply-To: r@s\nSender: s@t\nIn-Reply-To: <a@b>\nMessage-ID: <m@n>\nDate: Mon, 1 Jan 2026 00:00:00 +0700\nSubject: =?utf-8?Q?a?=\n folded\n\nx\n',
  'a long line': `Subject: ${'y'.repeat(900)}\n\n${'z'.repeat(5000)}`,
}

const sections = [
  ...['', 'HEADER', 'TEXT', '1', '2', '1.MIME', '2.MIME', '2.HEADER', '2.TEXT', '3.HEADER', '3.TEXT'],
  ...['HEADER.FIELDS (SUBJECT FROM)', 'HEADER.FIELDS.NOT (SUBJECT FROM)', '2.HEADER.FIELDS (SUBJECT)'],
].map((section) => `BODY.PEEK[${section}]`)
const items = [
  'RFC822.SIZE',
  'ENVELOPE',
  'BODYSTRUCTURE',
  'BODY',
  'RFC822.HEADER',
  'BODY.PEEK[TEXT]<3.7>',
  'BODY.PEEK[]<5.999999>',
  ...sections,
]

/** What differs in form only. */
const explained: [what: RegExp, same: string][] = [
  [/^(OK|NO|BAD).*\r\n/im, ''],
  [/ ?\brecent\b/g, ''],
  [/ flags \([^)]*\)/g, ''],
  // strings as quoted or as literal
  [/\{(\d+)\}\r\n/g, ''],
  [/"((?:[^"\\]|\\.)*)"/g, '$1'],
  [/\\(["\\])/g, '$1'],
  // a part that is not there: NIL, or an empty string
  [/\] nil\)/g, '] )'],
  // text without a charset is US-ASCII: Dovecot says so, we leave it out (RFC 3501 §7.4.2 wants neither)
  [/\(charset us-ascii\)/g, 'nil'],
  // one language: a string or a list of one (RFC 9051 §9, body-fld-lang)
  [/ \(vi\) nil\)/g, ' vi nil)'],
]
const form = (answer: string) =>
  explained.reduce(
    (text, [what, same]) =>
      text.replaceAll(new RegExp(what, what.flags.includes('g') ? what.flags : `${what.flags}g`), same),
    answer.toLowerCase(),
  )

/** RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary; Dovecot counts it to a multipart part that ends there. */
const trailing = new Set(['with-attachment-and-logo.eml BODY.PEEK[1]'])

describe('IMAP: answers beside those of Dovecot', () => {
  it('for mails as programs write them, and odd ones', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const ours = await f.as(an)
      const theirs = dovecot.client
      const mails: [name: string, raw: Buffer][] = [
        ...readdirSync(replies)
          .filter((name) => name.endsWith('.eml'))
          .map((name): [string, Buffer] => [name, crlf(readFileSync(join(replies, name), 'latin1'))]),
        ...Object.entries(odd).map(([name, text]): [string, Buffer] => [name, crlf(text)]),
      ]
      for (const [, raw] of mails) {
        expect(await ours.append('Archive', raw)).to.match(/^OK/m)
        expect(await theirs.append('INBOX', raw)).to.match(/^OK/m)
      }
      await ours.ok('SELECT Archive')
      await theirs.ok('SELECT INBOX')
      const different: string[] = []
      for (const [at, [name]] of mails.entries())
        for (const item of items) {
          const [one, other] = [
            await ours.command(`FETCH ${at + 1} ${item}`),
            await theirs.command(`FETCH ${at + 1} ${item}`),
          ]
          if (form(one) !== form(other) && !trailing.has(`${name} ${item}`))
            different.push(
              `${name} ${item}\n  ours   ${JSON.stringify(form(one))}\n  theirs ${JSON.stringify(form(other))}`,
            )
        }
      expect(different.join('\n')).to.equal('')
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
})
