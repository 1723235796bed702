/** Sets, macros and search keys of every shape in our service and in a private Dovecot: the same, or the difference is explained. */
import { expect } from 'chai'
import { corpus } from './corpus.ts'
import { startDovecot } from './dovecot.ts'
import { an, startFixture } from './fixture.ts'

const ten = `
FETCH *:1 UID
FETCH 3:1 UID
FETCH 9:* UID
FETCH *:9 UID
FETCH * UID
FETCH *:* UID
FETCH 2,*,1 UID
FETCH 10:* UID
FETCH 11:* UID
FETCH 11 UID
FETCH 5:11 UID
FETCH 0 UID
FETCH 1:0 UID
FETCH 01 UID
FETCH 4294967296 UID
FETCH 1, UID
FETCH 1::2 UID
FETCH 1:2:3 UID
UID FETCH *:1 UID
UID FETCH 500:* UID
UID FETCH *:500 UID
UID FETCH 3 UID
UID FETCH 100 UID
UID FETCH * UID
UID FETCH 12:8 UID
UID FETCH 4294967295 UID
FETCH 1 ALL
FETCH 1 FAST
FETCH 1 FULL
FETCH 1 (ALL)
FETCH 1 (FAST UID)
FETCH 1 ()
FETCH 1 fast
FETCH 1 (UID UID UID)
FETCH 1 UID FLAGS
UID FETCH 1 ()
UID FETCH 1 FLAGS
SEARCH *
SEARCH *:2
SEARCH 2,*
SEARCH NOT *
SEARCH 9:*
SEARCH 10:*
SEARCH 11:*
SEARCH 11
SEARCH UID *
SEARCH UID *:1
SEARCH UID 500:*
SEARCH UID 500
SEARCH NOT UID 1:5
SEARCH 1:3 4:6
SEARCH OR 1:3 4:6
SEARCH OR OR 1 2 3
SEARCH OR 1
SEARCH OR (1:3 SEEN) NOT (SEEN)
SEARCH NOT NOT NOT SEEN
SEARCH NOT (SEEN FLAGGED)
SEARCH ((((SEEN)) FLAGGED))
SEARCH ()
SEARCH (SEEN
SEARCH SEEN)
SEARCH NOT
SEARCH SEEN  FLAGGED
SEARCH KEYWORD kw
SEARCH KEYWORD KW
SEARCH UNKEYWORD kw
SEARCH KEYWORD \\Seen
SEARCH KEYWORD
SEARCH LARGER 0
SEARCH LARGER -1
SEARCH SMALLER 4294967296
SEARCH SMALLER 1
SEARCH FROM ""
SEARCH HEADER Message-ID r1
SEARCH HEADER Cc ""
SEARCH HEADER Nothing ""
SEARCH SUBJECT "bao cao"
SEARCH TEXT "bao" BODY "re:"
SEARCH SENTBEFORE 3-Nov-2026
SEARCH SENTON 3-Nov-2026
SEARCH SENTSINCE "4-Nov-2026"
SEARCH BEFORE 31-Feb-2026
SEARCH BEFORE x
SEARCH YOUNGER 0
SEARCH YOUNGER 100000
SEARCH OLDER 0
SEARCH RETURN ALL
SEARCH RETURN (ALL
SEARCH RETURN (FOO) ALL
SEARCH RETURN (MIN MAX) SEEN
SEARCH RETURN (MIN MAX COUNT ALL) KEYWORD none
SEARCH RETURN (ALL) 1:2,5:7
UID SEARCH RETURN (ALL) 1:2,5:7
SEARCH RETURN (SAVE) SEEN
FETCH $ UID
UID FETCH $ UID
SEARCH $
SEARCH NOT $
SEARCH OR $ 1
SEARCH 1,$
STORE $ +FLAGS.SILENT (kw2)
SEARCH KEYWORD kw2
SEARCH RETURN (SAVE COUNT) KEYWORD none
FETCH $ UID
UID SEARCH $
SEARCH CHARSET US-ASCII ALL
SEARCH CHARSET UTF-8
SEARCH ANSWERED DRAFT
SEARCH UNDELETED UNDRAFT UNANSWERED UNFLAGGED UNSEEN
SEARCH OLD
SEARCH MODSEQ 0
SEARCH MODSEQ 99999
SEARCH MODSEQ "/flags/\\\\seen" all 99999
SEARCH RETURN (COUNT) MODSEQ 99999
SEARCH ALL ALL
SEARCH
UID SEARCH
UID SEARCH ALL 5
`
const empty = `
FETCH 1:* UID
FETCH * UID
FETCH 1 UID
UID FETCH 1:* UID
UID FETCH * UID
UID FETCH 1 UID
SEARCH ALL
SEARCH 1:*
SEARCH *
SEARCH 1
UID SEARCH UID *
UID SEARCH UID 1:*
SEARCH RETURN () ALL
SEARCH RETURN (MIN MAX COUNT) ALL
SORT (DATE) UTF-8 1:*
UID SORT (DATE) UTF-8 UID *
`
/** What we answer where Dovecot answers something else. */
const explained = new Map<string, [ours: RegExp, why: string]>([
  ['FETCH 01 UID', [/^BAD/, 'RFC 9051 §9: nz-number has no leading zero']],
  ['FETCH 1, UID', [/^BAD/, 'RFC 9051 §9: a set does not end with a comma']],
  ['FETCH 1 FULL', [/BODY \("text" "plain" NIL/, 'the charset that nobody wrote is not told']],
  ['SEARCH 11', [/^BAD/, 'RFC 9051 §9: seq-number']],
  ['SEARCH 11:*', [/^BAD/, 'the same']],
  ['SEARCH OR (1:3 SEEN) NOT (SEEN)', [/^\* SEARCH 1 2 3 5 6 7 8 9 10\r\n/, '2 and 3 are in 1:3 and seen']],
  ['SEARCH KEYWORD \\Seen', [/^BAD/, 'RFC 9051 §9: flag-keyword is an atom']],
  ['SEARCH BEFORE 31-Feb-2026', [/^BAD/, 'there is no such day']],
  ['SEARCH OLD', [/^\* SEARCH 1 2 3 4 5 6 7 8 9 10\r\n/, 'docs/decisions/imap.md: nothing is recent at SELECT']],
  ['FETCH 1:* UID', [/^OK/, 'clients send it without asking how many there are']],
  ['FETCH * UID', [/^OK/, 'the same']],
  ['SEARCH 1', [/^BAD/, 'RFC 9051 §9: seq-number']],
])
const lines = (text: string) => text.trim().split('\n')
const form = (answer: string) =>
  answer
    .replace(/^(OK|NO|BAD).*/m, '$1')
    .replaceAll(/TAG "[^"]*"/g, 'TAG')
    .replaceAll(/MODSEQ \(?\d+\)?/g, 'MODSEQ')
    .replaceAll(/ ?\\Recent/g, '')
    .replaceAll(/^\* (OK|FLAGS|\d+ RECENT).*\r\n/gm, '')
    .replaceAll(/INTERNALDATE "[^"]*"/g, 'INTERNALDATE')

describe('IMAP: sets, macros and search keys beside Dovecot', () => {
  it('in a mailbox of ten messages, and in an empty one', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const both: [client: typeof dovecot.client, mailbox: string][] = [
        [await f.as(an), 'Archive'],
        [dovecot.client, 'INBOX'],
      ]
      for (const [c, mailbox] of both) {
        for (const { raw, internalDate } of corpus().slice(0, 12)) await c.append(mailbox, raw, `"${internalDate}" `)
        await c.ok('CREATE Empty')
        await c.ok(`SELECT ${mailbox}`)
        await c.ok('UID STORE 3,7 +FLAGS.SILENT (\\Deleted)')
        await c.ok('EXPUNGE')
        await c.ok('STORE 2:4 +FLAGS.SILENT (\\Seen)')
        await c.ok('STORE 4:6 +FLAGS.SILENT (\\Flagged kw)')
      }
      const compare = async (command: string) => {
        for (const [c] of both) await c.ok('NOOP')
        const [ours, theirs] = [form(await both[0]![0].command(command)), form(await both[1]![0].command(command))]
        const known = explained.get(command)
        if (known && ours !== theirs) expect(ours, `${command}: ${known[1]}`).to.match(known[0])
        else expect(ours, command).to.equal(theirs)
      }
      for (const command of lines(ten)) await compare(command)
      for (const [c] of both) await c.ok('SELECT Empty')
      for (const command of lines(empty)) await compare(command)
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
})
