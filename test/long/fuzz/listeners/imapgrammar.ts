/** IMAP (RFC 9051 and what we announce): commands of every state, with arguments that are right, nearly right, or wrong. */
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import { words } from '../target.ts'

/** mostly as it should be */
const near = (dice: Dice, text: string): string => (dice.oneIn(7) ? spoil(dice, text) : text)

const literal = (dice: Dice, text: string): string => {
  const said = dice.oneIn(12) ? Math.max(0, text.length + dice.below(9) - 4) : text.length
  return `${dice.oneIn(10) ? '~' : ''}{${said}${dice.oneIn(3) ? '' : '+'}}\r\n${text}`
}
const string = (dice: Dice, text: string): string =>
  dice.pick([() => text, () => `"${text}"`, () => literal(dice, text)])()

const mailboxes = [
  ...[
    'INBOX',
    'inbox',
    'Archive',
    'Sent',
    'Drafts',
    'Trash',
    'a',
    'a/b',
    'a/b/c',
    'a//b',
    '/a',
    'a/',
    'Th&AbA-',
    'Ngu&AdIAAw-',
  ],
  ...[
    'Thư đến',
    'Người khác/',
    'Người khác/lan.pham@haiduong.gov.vn',
    'Ledger/2026',
    'Handled/2026',
    '',
    '*',
    '%',
    'x'.repeat(600),
  ],
]
const mailbox = (dice: Dice) => near(dice, string(dice, Buffer.from(dice.pick(mailboxes)).toString('latin1')))
const number = (dice: Dice) => String(dice.pick([0, 1, 2, 3, 5, 100, 4294967295, 4294967296, 2 ** 53]))
const set = (dice: Dice): string =>
  near(
    dice,
    dice
      .some(1, dice.oneIn(20) ? 3_000 : 4, () =>
        dice.pick([
          () => number(dice),
          () => `${number(dice)}:${number(dice)}`,
          () => '1:*',
          () => '*',
          () => '$',
          () => '*:1',
        ])(),
      )
      .join(','),
  )
const flag = (dice: Dice) =>
  near(
    dice,
    dice.pick([
      '\\Seen',
      '\\Deleted',
      '\\Flagged',
      '\\Answered',
      '\\Draft',
      '\\Recent',
      '\\*',
      '$MDNSent',
      'nhãn',
      'k',
      '',
    ]),
  )
const list = (dice: Dice, make: () => string, most = 4): string => near(dice, `(${dice.some(0, most, make).join(' ')})`)
const date = (dice: Dice) =>
  near(
    dice,
    dice.pick([
      '1-Jan-2026',
      '"31-Feb-2026"',
      '29-Feb-1900',
      '"1-Jan-0000"',
      '99-Xyz-99999',
      '"24-Nov-2026 08:00:00 +0700"',
    ]),
  )
const field = (dice: Dice) =>
  near(dice, string(dice, dice.pick(['Subject', 'From', 'X-Spam-Status', 'Message-ID', 'a'.repeat(300)])))

function section(dice: Dice): string {
  const part = dice.some(0, 5, () => dice.pick(['1', '2', '3', '0', '99999999999'])).join('.')
  const text = dice.pick([
    '',
    'TEXT',
    'HEADER',
    'MIME',
    `HEADER.FIELDS (${field(dice)} ${field(dice)})`,
    `HEADER.FIELDS.NOT (${field(dice)})`,
  ])
  const partial = dice.oneIn(3) ? near(dice, `<${number(dice)}.${number(dice)}>`) : ''
  return `${dice.pick(['BODY', 'BODY.PEEK', 'BINARY', 'BINARY.PEEK', 'BINARY.SIZE'])}[${near(dice, [part, text].filter(Boolean).join('.'))}]${partial}`
}
const fetchItem = (dice: Dice): string =>
  near(
    dice,
    dice.pick([
      () => section(dice),
      () => section(dice),
      () =>
        dice.pick([
          ...[
            'UID',
            'FLAGS',
            'ENVELOPE',
            'BODY',
            'BODYSTRUCTURE',
            'INTERNALDATE',
            'RFC822',
            'RFC822.SIZE',
            'RFC822.TEXT',
            'RFC822.HEADER',
          ],
          ...['MODSEQ', 'EMAILID', 'THREADID', 'PREVIEW', 'PREVIEW (LAZY)', 'SAVEDATE', 'ALL', 'FULL', 'FAST', 'XYZ'],
        ]),
    ])(),
  )

function searchKey(dice: Dice, depth = 0): string {
  const deeper = () => searchKey(dice, depth + 1)
  const text = () => string(dice, dice.pick(['a', 'thu', 'Kính', 'x'.repeat(300), '%_*', '"', '']))
  const key = dice.pick([
    () => dice.pick(['ALL', 'SEEN', 'UNSEEN', 'DELETED', 'NEW', 'OLD', 'RECENT', 'DRAFT', '$', 'SAVEDATESUPPORTED']),
    () =>
      `${dice.pick(['FROM', 'TO', 'CC', 'BCC', 'SUBJECT', 'BODY', 'TEXT', 'KEYWORD', 'UNKEYWORD', 'EMAILID', 'THREADID', 'FUZZY'])} ${text()}`,
    () => `HEADER ${field(dice)} ${text()}`,
    () =>
      `${dice.pick(['SINCE', 'BEFORE', 'ON', 'SENTSINCE', 'SENTBEFORE', 'SENTON', 'SAVEDSINCE', 'SAVEDON'])} ${date(dice)}`,
    () => `${dice.pick(['LARGER', 'SMALLER', 'OLDER', 'YOUNGER', 'MODSEQ'])} ${number(dice)}`,
    () => `MODSEQ "/flags/\\\\seen" ${dice.pick(['all', 'priv', 'shared', 'x'])} ${number(dice)}`,
    () => `UID ${set(dice)}`,
    () => set(dice),
    ...(depth < 40
      ? [() => `NOT ${deeper()}`, () => `OR ${deeper()} ${deeper()}`, () => `(${deeper()} ${deeper()})`]
      : []),
  ])
  return near(dice, key())
}
const returns = (dice: Dice, options: readonly string[]) =>
  dice.oneIn(3) ? `RETURN ${list(dice, () => near(dice, dice.pick(options)))}` : ''
const searchReturns = [
  'MIN',
  'MAX',
  'ALL',
  'COUNT',
  'SAVE',
  'PARTIAL 1:10',
  'PARTIAL -1:-100',
  'PARTIAL 5',
  'UPDATE',
  'CONTEXT',
]
const source = (dice: Dice) =>
  dice.pick([
    () => dice.pick(['selected', 'personal', 'inboxes', 'subscribed', 'selected-delayed']),
    () => `${dice.pick(['subtree', 'subtree-one', 'mailboxes'])} ${mailbox(dice)}`,
    () => `mailboxes ${list(dice, () => mailbox(dice))}`,
  ])()
const statusItem = (dice: Dice) =>
  near(
    dice,
    dice.pick([
      'MESSAGES',
      'UNSEEN',
      'UIDNEXT',
      'UIDVALIDITY',
      'RECENT',
      'SIZE',
      'HIGHESTMODSEQ',
      'MAILBOXID',
      'DELETED',
      'APPENDLIMIT',
    ]),
  )
export const message = (dice: Dice) =>
  dice.pick([
    'From: a@b\r\nSubject: =?utf-8?Q?th=C6=B0?=\r\n\r\nx\r\n',
    'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n',
    '\0\0\0',
    '',
    'x'.repeat(9_000),
  ])
const condstore = (dice: Dice) =>
  dice.pick([
    '',
    '',
    '(CONDSTORE)',
    `(QRESYNC (${number(dice)} ${number(dice)} ${set(dice)} (${set(dice)} ${set(dice)})))`,
    '(CHANGEDSINCE 1 VANISHED)',
  ])
const crit = [
  'SUBJECT',
  'DATE',
  'ARRIVAL',
  'FROM',
  'TO',
  'CC',
  'SIZE',
  'DISPLAYFROM',
  'DISPLAYTO',
  'REVERSE',
  'REVERSE SUBJECT',
]
const rights = ['l', 'lrswipkxtea', '+r', '-r', 'z', '']
const entry = (dice: Dice) =>
  near(dice, dice.pick(['/private/comment', '/shared/comment', '/private/vendor/x/y', '/private/*', '/x', '']))

const arguments_: Record<string, (dice: Dice) => string[]> = {
  CAPABILITY: () => [],
  NOOP: () => [],
  LOGOUT: (d) => (d.oneIn(10) ? [] : ['x']),
  ID: (d) => [d.pick(['NIL', list(d, () => string(d, 'name'), 8), '("name" NIL)'])],
  LOGIN: (d) => [string(d, d.pick(['khong.ai@haiduong.gov.vn', 'x', ''])), string(d, d.pick(['x', '', 'ờ', '\0']))],
  AUTHENTICATE: (d) => [
    near(d, d.pick(['PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'XOAUTH2', 'OAUTHBEARER', 'EXTERNAL'])),
    d.pick(['', '=', 'AGEAYg==', 'biwsbj14LHI9eA==', '!!!', 'A'.repeat(5_000)]),
  ],
  ENABLE: (d) =>
    d.some(0, 4, () =>
      near(d, d.pick(['CONDSTORE', 'QRESYNC', 'IMAP4rev2', 'UTF8=ACCEPT', 'METADATA', 'UIDONLY', 'X'])),
    ),
  SELECT: (d) => [mailbox(d), condstore(d)],
  EXAMINE: (d) => [mailbox(d), condstore(d)],
  CREATE: (d) => [mailbox(d), d.pick(['', '(USE (\\Archive))', '(USE ())'])],
  DELETE: (d) => [mailbox(d)],
  RENAME: (d) => [mailbox(d), mailbox(d)],
  SUBSCRIBE: (d) => [mailbox(d)],
  UNSUBSCRIBE: (d) => [mailbox(d)],
  LIST: (d) => [
    d.pick(['', list(d, () => d.pick(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']))]),
    mailbox(d),
    d.pick([mailbox(d), list(d, () => mailbox(d)), '"*"', '%', `"${'%*'.repeat(200)}"`]),
    returns(d, [
      'CHILDREN',
      'SUBSCRIBED',
      'SPECIAL-USE',
      'MYRIGHTS',
      `STATUS (${statusItem(d)})`,
      'METADATA ("/private/comment")',
    ]),
  ],
  LSUB: (d) => [mailbox(d), mailbox(d)],
  NAMESPACE: () => [],
  STATUS: (d) => [mailbox(d), list(d, () => statusItem(d), 9)],
  APPEND: (d) => [
    mailbox(d),
    d.pick(['', list(d, () => flag(d))]),
    d.pick(['', date(d)]),
    d.pick([
      literal(d, message(d)),
      `${literal(d, message(d))} ${literal(d, message(d))}`,
      `CATENATE (TEXT ${literal(d, 'a: b\r\n\r\n')} URL "/INBOX/;UID=1/;SECTION=1")`,
      `CATENATE ${list(d, () => near(d, 'URL "/INBOX;UIDVALIDITY=1/;UID=1"'))}`,
      `UTF8 (${literal(d, message(d))})`,
      '{100000000}',
      '{0+}\r\n',
    ]),
  ],
  COMPRESS: (d) => [near(d, 'X')],
  NOTIFY: (d) => [
    d.pick(
      [
        'NONE',
        'SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge))',
        'SET STATUS (PERSONAL (MessageNew MessageExpunge FlagChange))',
        `SET (MAILBOXES ${mailbox(d)} (MailboxName))`,
        `SET (SUBTREE (${mailbox(d)}) NONE)`,
        `SET (${'SELECTED NONE '.repeat(60)})`,
      ].map((text) => near(d, text)),
    ),
  ],
  GETACL: (d) => [mailbox(d)],
  SETACL: (d) => [mailbox(d), string(d, d.pick(['khong.ai@haiduong.gov.vn', 'anyone', '-x'])), near(d, d.pick(rights))],
  DELETEACL: (d) => [mailbox(d), 'anyone'],
  LISTRIGHTS: (d) => [mailbox(d), string(d, 'anyone')],
  MYRIGHTS: (d) => [mailbox(d)],
  GETMETADATA: (d) => [
    d.pick(['', '(DEPTH infinity)', '(MAXSIZE 10)', '(DEPTH 5)']),
    mailbox(d),
    list(d, () => entry(d)),
  ],
  SETMETADATA: (d) => [
    mailbox(d),
    near(d, `(${entry(d)} ${d.pick(['NIL', string(d, 'x'), literal(d, 'x'.repeat(20_000))])})`),
  ],
  GETQUOTA: (d) => [string(d, '')],
  GETQUOTAROOT: (d) => [mailbox(d)],
  SETQUOTA: (d) => ['""', near(d, '(STORAGE 512)')],
  CHECK: () => [],
  CLOSE: () => [],
  UNSELECT: () => [],
  EXPUNGE: (d) => [d.pick(['', set(d)])],
  SEARCH: (d) => [returns(d, searchReturns), d.pick(['', 'CHARSET UTF-8', 'CHARSET X']), searchKey(d)],
  ESEARCH: (d) => [
    d.pick(['', `IN (${d.some(1, 4, () => near(d, source(d))).join(' ')})`]),
    returns(d, searchReturns),
    searchKey(d),
  ],
  CANCELUPDATE: (d) => d.some(1, 4, () => near(d, d.pick(['"f1"', '"a"', '"f2"', 'a']))),
  SORT: (d) => [
    returns(d, searchReturns),
    list(d, () => near(d, d.pick(crit))),
    d.pick(['UTF-8', 'US-ASCII', 'X']),
    searchKey(d),
  ],
  THREAD: (d) => [d.pick(['REFERENCES', 'ORDEREDSUBJECT', 'REFS', 'X']), 'UTF-8', searchKey(d)],
  FETCH: (d) => [
    set(d),
    d.pick([fetchItem(d), list(d, () => fetchItem(d), d.oneIn(10) ? 400 : 5)]),
    d.pick(['', '', '(CHANGEDSINCE 1)', '(CHANGEDSINCE 1 VANISHED)', '(PARTIAL -1:-3)']),
  ],
  STORE: (d) => [
    set(d),
    d.pick(['', '', `(UNCHANGEDSINCE ${number(d)})`]),
    near(d, d.pick(['FLAGS', '+FLAGS', '-FLAGS.SILENT', 'FLAGS.SILENT'])),
    d.pick([list(d, () => flag(d)), flag(d)]),
  ],
  COPY: (d) => [set(d), mailbox(d)],
  MOVE: (d) => [set(d), mailbox(d)],
  REPLACE: (d) => [number(d), mailbox(d), literal(d, message(d))],
  IDLE: (d) => [d.pick(['', 'x'])],
  DONE: () => [],
  XYZZY: (d) => [spoil(d, '')],
}
const names = Object.keys(arguments_)
const withUid = new Set(['EXPUNGE', 'SEARCH', 'SORT', 'THREAD', 'FETCH', 'STORE', 'COPY', 'MOVE', 'REPLACE'])

export function imapCommand(dice: Dice): string {
  const name = dice.pick(names)
  const verb = `${withUid.has(name) && dice.oneIn(2) ? 'UID ' : ''}${name}`
  const args = arguments_[name]!(dice).filter((arg) => arg !== '' || dice.oneIn(20))
  const ended = name === 'IDLE' && !dice.oneIn(4) ? '\r\nDONE' : ''
  const tag = near(dice, dice.pick(['a', 'A001', 'z9.z']))
  return `${words(dice, [tag, near(dice, verb), ...args])}${ended}${dice.oneIn(30) ? dice.pick(['\n', '\r', '']) : '\r\n'}`
}
