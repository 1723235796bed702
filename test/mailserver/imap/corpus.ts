/** Messages for sorting and threading: conversations as programs write them, and headers as they arrive from everywhere. */

export type Sample = { name: string; raw: string; internalDate: string }

type Fields = Record<string, string>
const crlf = (text: string) => text.replaceAll(/\r?\n/g, '\r\n')
const b = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
const q = (text: string) =>
  `=?UTF-8?Q?${[...Buffer.from(text)].map((c) => (/[A-Za-z0-9]/.test(String.fromCharCode(c)) ? String.fromCharCode(c) : `=${c.toString(16).toUpperCase().padStart(2, '0')}`)).join('')}?=`
const day = (n: number) =>
  `${String(1 + (n % 28)).padStart(2, '0')}-Nov-2026 ${String(n % 24).padStart(2, '0')}:00:00 +0700`

/** Names in alphabetical mess, dates out of order. */
const conversations: [name: string, fields: Fields][] = [
  [
    'root',
    {
      Subject: 'Bao cao thang 11',
      'Message-ID': '<r1@a.vn>',
      Date: 'Mon, 2 Nov 2026 08:00:00 +0700',
      From: 'An <an@a.vn>',
      To: 'Binh <binh@a.vn>',
    },
  ],
  [
    'reply',
    {
      Subject: 'Re: Bao cao thang 11',
      'Message-ID': '<r2@a.vn>',
      References: '<r1@a.vn>',
      Date: 'Mon, 2 Nov 2026 09:00:00 +0700',
      From: 'binh@a.vn',
      To: 'an@a.vn',
    },
  ],
  [
    'second reply',
    {
      Subject: 'RE: Bao cao thang 11',
      'Message-ID': '<r3@a.vn>',
      References: '<r1@a.vn>',
      Date: 'Mon, 2 Nov 2026 08:30:00 +0700',
      From: '"Chi" <chi@b.vn>',
      To: 'an@a.vn',
    },
  ],
  [
    'reply to the reply',
    {
      Subject: 'Re: Re: Bao cao thang 11',
      'Message-ID': '<r4@a.vn>',
      References: '<r1@a.vn> <r2@a.vn>',
      Date: 'Tue, 3 Nov 2026 08:30:00 +0700',
      From: 'an@a.vn',
      To: 'binh@a.vn, chi@b.vn',
    },
  ],
  [
    'by In-Reply-To',
    {
      Subject: 'Re: Bao cao thang 11',
      'Message-ID': '<r5@a.vn>',
      'In-Reply-To': '<r4@a.vn>',
      Date: 'Tue, 3 Nov 2026 10:30:00 +0700',
      From: 'zung@c.vn',
      To: 'an@a.vn',
    },
  ],
  [
    'In-Reply-To with words',
    {
      Subject: 'Re: Bao cao thang 11',
      'Message-ID': '<r6@a.vn>',
      'In-Reply-To': 'Your message of "Mon, 2 Nov" <r3@a.vn>',
      Date: 'Tue, 3 Nov 2026 11:30:00 +0700',
      From: 'duc@c.vn',
      Cc: 'bo@a.vn',
    },
  ],
  [
    'answers of one that is missing',
    {
      Subject: 'Re: Moi hop',
      'Message-ID': '<m2@a.vn>',
      References: '<m1@a.vn>',
      Date: 'Wed, 4 Nov 2026 08:00:00 +0700',
      From: 'a1@a.vn',
    },
  ],
  [
    'another',
    {
      Subject: 'Re: Moi hop',
      'Message-ID': '<m3@a.vn>',
      References: '<m1@a.vn>',
      Date: 'Wed, 4 Nov 2026 07:00:00 +0700',
      From: 'a2@a.vn',
    },
  ],
  [
    'two missing in a row',
    {
      Subject: 'Re: Ke hoach',
      'Message-ID': '<k3@a.vn>',
      References: '<k1@a.vn> <k2@a.vn>',
      Date: 'Wed, 4 Nov 2026 09:00:00 +0700',
      From: 'a3@a.vn',
    },
  ],
  [
    'one that answers itself',
    {
      Subject: 'Tu minh',
      'Message-ID': '<self@a.vn>',
      References: '<self@a.vn>',
      Date: 'Thu, 5 Nov 2026 09:00:00 +0700',
      From: 'self@a.vn',
    },
  ],
  [
    'a circle, one',
    {
      Subject: 'Vong 1',
      'Message-ID': '<c1@a.vn>',
      References: '<c2@a.vn>',
      Date: 'Thu, 5 Nov 2026 10:00:00 +0700',
      From: 'c1@a.vn',
    },
  ],
  [
    'a circle, two',
    {
      Subject: 'Vong 2',
      'Message-ID': '<c2@a.vn>',
      References: '<c1@a.vn>',
      Date: 'Thu, 5 Nov 2026 11:00:00 +0700',
      From: 'c2@a.vn',
    },
  ],
  [
    'circle of three, a',
    { Subject: 'Ba a', 'Message-ID': '<t1@a.vn>', References: '<t3@a.vn>', Date: 'Thu, 5 Nov 2026 12:00:00 +0700' },
  ],
  [
    'circle of three, b',
    { Subject: 'Ba b', 'Message-ID': '<t2@a.vn>', References: '<t1@a.vn>', Date: 'Thu, 5 Nov 2026 13:00:00 +0700' },
  ],
  [
    'circle of three, c',
    { Subject: 'Ba c', 'Message-ID': '<t3@a.vn>', References: '<t2@a.vn>', Date: 'Thu, 5 Nov 2026 14:00:00 +0700' },
  ],
  [
    'same Message-ID once more',
    { Subject: 'Trung ma', 'Message-ID': '<r1@a.vn>', Date: 'Fri, 6 Nov 2026 08:00:00 +0700', From: 'twice@a.vn' },
  ],
  [
    'no Message-ID',
    { Subject: 'Khong ma', Date: 'Fri, 6 Nov 2026 09:00:00 +0700', From: 'noid@a.vn', References: '<r2@a.vn>' },
  ],
  [
    'malformed Message-ID',
    { Subject: 'Ma hong', 'Message-ID': 'not an id', Date: 'Fri, 6 Nov 2026 10:00:00 +0700', From: 'badid@a.vn' },
  ],
  [
    'malformed References',
    {
      Subject: 'Re: Ma hong',
      'Message-ID': '<x2@a.vn>',
      References: 'not <an id> <at all',
      'In-Reply-To': '<r5@a.vn>',
      Date: 'Fri, 6 Nov 2026 11:00:00 +0700',
    },
  ],
  [
    'quoted local part',
    { Subject: 'Ma co nhay', 'Message-ID': '<"01KF8JCEOCBS0045PS"@a.vn>', Date: 'Sat, 7 Nov 2026 08:00:00 +0700' },
  ],
  [
    'refers to it without quotes',
    {
      Subject: 'Re: Ma co nhay khac',
      'Message-ID': '<qu2@a.vn>',
      References: '<01KF8JCEOCBS0045PS@a.vn>',
      Date: 'Sat, 7 Nov 2026 09:00:00 +0700',
    },
  ],
  [
    'same subject without references',
    {
      Subject: 'Bao cao thang 11',
      'Message-ID': '<s1@z.vn>',
      Date: 'Sun, 8 Nov 2026 08:00:00 +0700',
      From: 'sep@z.vn',
    },
  ],
  [
    'reply by subject only',
    { Subject: 'Fwd: Moi hop', 'Message-ID': '<s2@z.vn>', Date: 'Sun, 8 Nov 2026 09:00:00 +0700' },
  ],
  [
    'one subject',
    { Subject: 'Giay moi', 'Message-ID': '<g1@z.vn>', Date: 'Sun, 8 Nov 2026 10:00:00 +0700', From: 'g@z.vn' },
  ],
  [
    'that subject again',
    { Subject: 'Giay moi', 'Message-ID': '<g2@z.vn>', Date: 'Sun, 8 Nov 2026 11:00:00 +0700', From: 'g@z.vn' },
  ],
  [
    'answered by subject',
    { Subject: 'Re: Giay moi', 'Message-ID': '<g3@z.vn>', Date: 'Sun, 8 Nov 2026 12:00:00 +0700', From: 'h@z.vn' },
  ],
  [
    'answer that comes before what it answers',
    { Subject: 'Re: Truoc', 'Message-ID': '<p2@z.vn>', Date: 'Mon, 9 Nov 2026 08:00:00 +0700' },
  ],
  ['what it answers', { Subject: 'Truoc', 'Message-ID': '<p1@z.vn>', Date: 'Mon, 9 Nov 2026 09:00:00 +0700' }],
  [
    'references in the wrong order',
    {
      Subject: 'Re: Bao cao thang 11',
      'Message-ID': '<w1@a.vn>',
      References: '<r4@a.vn> <r1@a.vn>',
      Date: 'Mon, 9 Nov 2026 10:00:00 +0700',
    },
  ],
  [
    'folded references',
    {
      Subject: 'Re: Bao cao thang 11',
      'Message-ID': '<w2@a.vn>',
      References: '<r1@a.vn>\n\t<r2@a.vn>\n <r4@a.vn>',
      Date: 'Mon, 9 Nov 2026 11:00:00 +0700',
    },
  ],
]

const subjects: string[] = [
  '',
  ' ',
  'Re:',
  'Fwd: ',
  '[danh sach]',
  '[ds] Thong bao',
  'Re: [ds] Thong bao',
  '[ds] Re: Thong bao',
  'Re[2]: Thong bao',
  'Re [x]: Thong bao',
  'fw: Thong bao (fwd)',
  '[fwd: Thong bao]',
  '[Fwd: [ds] Re: Thong bao] ',
  'RE : Thong bao',
  'Re: fwd: fw: [a] [b] x',
  'Rep: khong phai tra loi',
  'Re Thong bao',
  '(fwd)',
  '[a',
  'a]',
  '[a [b]] c',
  'x (fwd) (fwd)',
  '_gach',
  'Zebra',
  'apple',
  'Apple',
  '10',
  '9',
]
const dates: [name: string, date: string | undefined][] = [
  ['no date', undefined],
  ['rubbish date', 'yesterday'],
  ['date without zone', 'Sat, 14 Nov 2026 10:00:00'],
  ['obsolete zone', 'Sat, 14 Nov 2026 10:00:00 EST'],
  ['two-digit year', 'Sat, 14 Nov 26 10:30:00 GMT'],
  ['no day name', '14 Nov 2026 09:00:00 +0000'],
  ['with a comment', 'Sat, 14 Nov 2026 12:00:00 +0700 (ICT)'],
  ['no seconds', 'Sat, 14 Nov 2026 11:00 +0700'],
  ['far east', 'Sat, 14 Nov 2026 23:59:59 +1400'],
]
const people: [name: string, field: string][] = [
  ['name', 'Nguyen Van An <zz@a.vn>'],
  ['quoted name', '"Tran, Ha" <ha@a.vn>'],
  ['encoded name', `${b('Đỗ Đức')} <duc@a.vn>`],
  ['old style', 'lan@a.vn (Lan Le)'],
  ['bare', 'mai@a.vn'],
  ['group', 'Phong ban: x@a.vn, y@a.vn;'],
  ['empty group', 'undisclosed-recipients:;'],
  ['two', 'Yen <yen@a.vn>, An <an@a.vn>'],
  ['none', ''],
  ['capitals', 'BINH@A.VN'],
]

const vietnamese = ['Dân số', 'Đơn xin phép', 'dan so', 'Ê kíp', 'Ẻo lả', 'đơn xin phép']

function message(fields: Fields): string {
  const all: Fields = { From: 'x@y.vn', To: 'z@y.vn', Date: 'Tue, 10 Nov 2026 08:00:00 +0700', ...fields }
  return crlf(
    `${Object.entries(all)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}\n${fields['Subject'] ?? ''} body\n`,
  )
}

/** ASCII subjects: every server must agree on their order. */
export function corpus(): Sample[] {
  const all: [string, string][] = [
    ...conversations.map(([name, fields]): [string, string] => [name, message(fields)]),
    ...subjects.map((subject, i): [string, string] => [
      `subject "${subject}"`,
      message({ Subject: subject, 'Message-ID': `<sub${i}@a.vn>` }),
    ]),
    ...dates.map(([name, date], i): [string, string] => [
      name,
      message({ Subject: `Ngay ${i}`, ...(date === undefined ? { Date: '' } : { Date: date }) }).replace(
        'Date: \r\n',
        '',
      ),
    ]),
    ...people.map(([name, field], i): [string, string] => [
      `people: ${name}`,
      message({ Subject: `Nguoi ${i}`, From: field, To: field, Cc: field }),
    ]),
    ['no fields at all', '\r\nbody only\r\n'],
    ['encoded, reply', message({ Subject: `${q('Re: [ds] ')} ${b('Thong bao')}`, 'Message-ID': '<enc@a.vn>' })],
    ['two subjects', message({ Subject: 'mot' }).replace('Subject: mot', 'Subject: mot\r\nSubject: hai')],
    ['a long subject', message({ Subject: `${'y'.repeat(400)}` })],
  ]
  return all.map(([name, raw], i) => ({ name, raw, internalDate: day(i * 7) }))
}

export const vietnameseCorpus = (): Sample[] =>
  vietnamese.map((subject, i) => ({
    name: subject,
    raw: message({ Subject: b(subject), 'Message-ID': `<vn${i}@a.vn>` }),
    internalDate: day(i),
  }))
