/** LIST in every form, and what an APPEND is answered, beside a private Dovecot: the same, or a difference that is explained here. */
import { expect } from 'chai'
import { startDovecot } from './dovecot.ts'
import { an, startFixture } from './fixture.ts'

const literal = (text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`
const special = ['Drafts', 'Sent', 'Junk', 'Trash', 'Archive']
const boxes = ['Fruit', 'Fruit/Apple', 'Fruit/Banana', 'Tofu', 'Veg', 'Veg/Bro', 'Foo/Bar', 'Foo/Baz', 'Eps/Inner/Deep']
const unsubscribed = ['Fruit', 'Veg', 'Foo/Baz', 'Eps/Inner/Deep', 'Tofu']

const lists = [
  ...[
    '"" *',
    '"" %',
    '"" Fruit',
    '"" Fruit/%',
    '"" Fruit/*',
    'Fruit/ %',
    '"" %/%',
    '"" %/%/%',
    '"" *a*',
    '"" F%',
    '"" %o%',
  ],
  ...[
    '"" inbox',
    '"" inb%',
    '"" INB*',
    '"" "*%*"',
    '"" {1+}\r\n%',
    '"" "" ',
    'NIL *',
    '"" NIL',
    '"" Nothing',
    '"" "%" ',
  ],
  ...['(SUBSCRIBED) "" *', '(SUBSCRIBED) "" %', '(SUBSCRIBED) "" Foo%', '(SUBSCRIBED SUBSCRIBED) "" Tofu'],
  ...['(SUBSCRIBED RECURSIVEMATCH) "" %', '(RECURSIVEMATCH SUBSCRIBED) "" F%', '(SUBSCRIBED RECURSIVEMATCH) "" Eps/%'],
  ...['(RECURSIVEMATCH) "" *', '(RECURSIVEMATCH REMOTE) "" *', '(NONSENSE) "" *', '() "" *', '"" (INBOX)'],
  ...['"" (INBOX Fruit% Foo%) RETURN (SUBSCRIBED CHILDREN)', '"" ("%" "%/%")', '(REMOTE) "" * RETURN (CHILDREN)'],
  ...[
    '"" * RETURN ()',
    '"" * RETURN (SUBSCRIBED)',
    '"" % RETURN (STATUS (MESSAGES UNSEEN))',
    '"" % RETURN (STATUS ())',
  ],
  ...['"" % RETURN (STATUS)', '"" % RETURN', '"" % NONSENSE', '"" % RETURN (NONSENSE)', '""', '', '"" "unfinished'],
]

/** Names with what is said of them, in order; whether children are told without being asked for is free (RFC 5258 §4). */
function form(answer: string, separator: string): string[] {
  const lines = answer
    .replaceAll(/"([^"\\\r\n]*)"/g, '$1')
    .split('\r\n')
    .filter((line) => line.startsWith('* '))
    .map((line) => {
      const m = /^\* (LIST|LSUB) \(([^)]*)\) \S (\S*)(.*)$/.exec(line)
      if (!m) return line
      const attributes = m[2]!
        .split(' ')
        .filter((each) => each === '\\Subscribed' || each === '\\NonExistent' || each === '\\Noselect')
        .map((each) => (each === '\\Noselect' ? '\\NonExistent' : each))
      return `${m[1]} (${[...new Set(attributes)].join(' ')}) ${m[3]!.replaceAll(separator, '/')}${m[4]}`
    })
  return [...lines.sort(), /^(OK|NO|BAD)/m.exec(answer)![0]]
}

describe('IMAP: folders and appends beside those of Dovecot', () => {
  it('LIST, LIST-EXTENDED, LIST-STATUS and LSUB', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const ours = await f.as(an)
      const theirs = dovecot.client
      const dotted = (text: string) => text.replaceAll('/', '.')
      for (const box of special) await theirs.ok(`CREATE ${box}`)
      for (const box of boxes) {
        await ours.ok(`CREATE ${box}`)
        await theirs.ok(`CREATE ${dotted(box)}`)
      }
      for (const box of ['INBOX', ...special, ...boxes]) await theirs.ok(`SUBSCRIBE ${dotted(box)}`)
      for (const box of unsubscribed) {
        await ours.ok(`UNSUBSCRIBE ${box}`)
        await theirs.ok(`UNSUBSCRIBE ${dotted(box)}`)
      }
      const commands = [...lists.map((each) => `LIST ${each}`), 'LSUB "" *', 'LSUB "" %', 'LSUB "" F%', 'LSUB "" Foo/%']
      for (const command of commands)
        expect(form(await ours.command(command), '/'), command).to.deep.equal(
          form(await theirs.command(dotted(command)), '.'),
        )
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })

  it('APPEND of several, CATENATE, BINARY', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const clients = [await f.as(an), dovecot.client]
      const message = `Subject: a\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--q\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A1 =\r\nb\r\n--q--\r\n`
      const commands = [
        `APPEND INBOX ${literal(message)} (\\Seen) ${literal('Subject: b\r\n\r\nb\r\n')}`,
        `APPEND INBOX CATENATE (URL "/INBOX/;UID=2" TEXT ${literal('more\r\n')})`,
        `APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" URL "/INBOX/;UID=1/;SECTION=2" URL "/INBOX/;UID=1/;SECTION=1.MIME")`,
        'APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;PARTIAL=9.1" TEXT {1+}\r\n! URL "/INBOX/;UID=1/;PARTIAL=0.9")',
        'APPEND INBOX CATENATE (URL "/INBOX/;UID=77")',
        'APPEND INBOX CATENATE (URL "/Missing/;UID=1")',
        'APPEND INBOX CATENATE (URL ";UID=1")',
        'APPEND INBOX CATENATE (URL "/INBOX;UIDVALIDITY=1/;UID=1")',
        'APPEND INBOX CATENATE ()',
        'APPEND INBOX CATENATE (TEXT "x")',
        'APPEND INBOX {0+}\r\n',
        'SELECT INBOX',
        'APPEND INBOX CATENATE (URL ";UID=2")',
        'FETCH 3:6 (RFC822.SIZE BODY.PEEK[])',
        ...['1', '2', '4'].map((part) => `FETCH 1 BINARY.SIZE[${part}]`),
        ...['1', '2', '1]<1.1>', '2]<2.100>', '2]<99.1>'].map(
          (part) => `FETCH 1 BINARY.PEEK[${part.includes(']') ? part : `${part}]`}`,
        ),
      ]
      const seen = (answer: string) =>
        answer
          .replaceAll(/^\* (?!\d+ FETCH).*\r\n/gm, '')
          .replaceAll(/~\{/g, '{')
          .replaceAll(/(APPENDUID) \d+/g, '$1 v')
          .replaceAll(/^(OK|NO|BAD)( \[(?:APPENDUID|BADURL|UNKNOWN-CTE)[^\]]*\])?.*/gm, '$1$2')
          .replaceAll(/BADURL "?([^\]"]*)"?/g, 'BADURL $1')
      for (const command of commands) {
        const [one, other] = [await clients[0]!.command(command), await clients[1]!.command(command)]
        expect(seen(one), command).to.equal(seen(other))
      }
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
})
