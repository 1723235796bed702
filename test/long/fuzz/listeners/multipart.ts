/** Bodies of forms (RFC 7578, RFC 2046 §5.1), with files and without: right, nearly right, and cut. */
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(8) ? spoil(dice, text) : text)

/** What a form may be asked: names of its fields, and of those that take files. */
export type Form = { fields: readonly string[]; files: readonly string[] }

const boundaries = [
  'b',
  '----geckoformboundary7d1',
  'x'.repeat(70),
  'y'.repeat(400),
  "a'()+_,-./:=?",
  'b b',
  '-',
  '--',
  '',
]

/** Heads of files, by which the portal and the webmail know them. */
const contents = [
  ...['%PDF-1.7\n%%EOF', '\xff\xd8\xff\xe0', '\x89PNG\r\n\x1a\n', 'PK\x03\x04', 'Kính gửi', '', '\0'],
  ...['\r\n--b', '\r\n--', '--b--', '\r\n', 'GIF89a'],
]

const disposition = (dice: Dice, form: Form): string => {
  const takesFiles = dice.oneIn(2)
  const name = near(dice, dice.pick([...(takesFiles ? form.files : form.fields), '__proto__', '']))
  const file = near(
    dice,
    dice.pick([
      ...[
        'a.pdf',
        'văn bản.docx',
        '',
        '..\\..\\x',
        '../../etc/passwd',
        'a\0.pdf',
        `${'n'.repeat(5_000)}.pdf`,
        '%22.pdf',
      ],
      'a"; name="x',
    ]),
  )
  const named = dice.pick([
    `filename="${file}"`,
    `filename="${file}"`,
    `filename*=UTF-8''${encodeURIComponent(file.replaceAll(/[\ud800-\udfff]/g, ''))}`,
    `filename*=${near(dice, "x-unknown'vi'%E1%BB")}`,
    `filename*0="a"; filename*1*=%20b`,
    `filename=${file}`,
  ])
  return `Content-Disposition: ${near(dice, 'form-data')}; name="${name}"${takesFiles ? `; ${named}` : ''}`
}

function part(dice: Dice, form: Form): string {
  const more = dice.some(0, 3, () =>
    dice.pick([
      'Content-Type: application/pdf',
      'Content-Type: text/plain; charset=x-unknown',
      'Content-Type: multipart/mixed; boundary=b',
      'Content-Transfer-Encoding: base64',
      `X-Long: ${'x'.repeat(dice.pick([100, 20_000]))}`,
      'no colon',
      ' folded',
      disposition(dice, form),
    ]),
  )
  const lines = [...(dice.oneIn(15) ? [] : [disposition(dice, form)]), ...more].map((line) => near(dice, line))
  const content = `${dice.pick(contents)}${dice.oneIn(6) ? dice.octets(dice.pick([10, 3_000])).toString('latin1') : ''}`
  return `${lines.join('\r\n')}${dice.oneIn(20) ? '\r\n' : '\r\n\r\n'}${near(dice, content)}`
}

export function multipart(dice: Dice, form: Form): [type: string, body: string] {
  const boundary = dice.oneIn(2) ? 'b' : dice.pick(boundaries)
  const count = dice.pick([0, 1, 2, 5, 5, 60])
  const parts =
    // more than anybody sends: the smallest that there are, or copies of one
    dice.oneIn(25)
      ? Array<string>(2_500).fill(part(dice, form).slice(0, 200))
      : dice.some(count, count, () => part(dice, form))
  const line = dice.oneIn(12) ? '\n' : '\r\n'
  const body = [
    dice.oneIn(10) ? `before${line}` : '',
    ...parts.map((each) => `--${near(dice, boundary)}${dice.oneIn(15) ? ' \t' : ''}${line}${each}${line}`),
    dice.oneIn(6) ? '' : `--${boundary}--${line}`,
    dice.oneIn(10) ? 'behind' : '',
  ].join('')
  const said = dice.pick([
    `multipart/form-data; boundary=${boundary}`,
    `multipart/form-data; boundary=${boundary}`,
    `multipart/form-data; boundary="${boundary}"`,
    `Multipart/Form-Data; charset=utf-8; Boundary=${boundary}; boundary=c`,
    'multipart/form-data',
    `multipart/mixed; boundary=${boundary}`,
  ])
  return [
    near(dice, said).replaceAll(/[\r\n]/g, dice.oneIn(10) ? '\r\n' : ''),
    dice.oneIn(5) ? body.slice(0, dice.below(body.length + 1)) : body,
  ]
}
