import type { Bodies } from '#kit/message/write.ts'

export type LetterBody = {
  /** agency whose letter it is: printed above */
  agency: string
  /** first paragraph says what is asked of the reader */
  paragraphs: readonly string[]
  facts?: readonly (readonly [label: string, value: string])[]
  /** lines by which the reader may answer, for example "TRẢ LẠI: <lý do>"; none: the letter is not answered */
  answers?: readonly string[]
  /** last moment for an answer, as people write it: "25/11/2026" */
  answerUntil?: string
  /** the page on which the same can be done or read */
  link?: { href: string; label: string }
  /** small print below, for example why the reader gets it */
  footer?: readonly string[]
}

const ink = '#17202f'
const muted = '#556070'
const line = '#e2dfd5'
const lam = '#1f3f8c'
const font = "font-family:'Be Vietnam Pro','Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/**
 * Text and HTML of a letter. The HTML is a table of one column with styles on its elements: that is what Outlook (Word's
 * engine), Gmail (drops style sheets) and phones draw alike. Everything that comes in is escaped; there is no image and nothing remote.
 */
export function letterBodies(letter: LetterBody): Bodies {
  return { text: text(letter), html: html(letter) }
}

function text(l: LetterBody): string {
  const blocks = [l.agency.toLocaleUpperCase('vi'), ...l.paragraphs]
  if (l.facts?.length) blocks.push(l.facts.map(([label, value]) => `${label}: ${value}`).join('\n'))
  if (l.answers?.length) blocks.push([answerIntro(l), ...l.answers.map((a) => `    ${a}`)].join('\n'))
  if (l.link) blocks.push(`${l.link.label}: ${l.link.href}`)
  if (l.footer?.length) blocks.push(`________\n${l.footer.join('\n')}`)
  return `${blocks.map((b) => b.replaceAll('\r\n', '\n').trim()).join('\n\n')}\n`
}

function html(l: LetterBody): string {
  const rows = [
    row(`<b style="color:${lam}">${escaped(l.agency)}</b>`, `border-bottom:2px solid ${lam};padding-bottom:8px`),
    ...l.paragraphs.map((p) => row(lines(p))),
  ]
  if (l.facts?.length) rows.push(row(facts(l.facts)))
  if (l.answers?.length)
    rows.push(
      row(
        `${escaped(answerIntro(l))}${l.answers.map((a) => `<br><b style="color:${lam}">${escaped(a)}</b>`).join('')}`,
        `background:#e6ecf8;padding:12px 16px`,
      ),
    )
  if (l.link && /^https?:\/\//.test(l.link.href))
    rows.push(row(`<a href="${escaped(l.link.href)}" style="color:${lam}">${escaped(l.link.label)}</a>`))
  if (l.footer?.length)
    rows.push(row(l.footer.map(escaped).join('<br>'), `border-top:1px solid ${line};color:${muted};font-size:13px`))
  return [
    '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>',
    `<body style="margin:0;padding:0;background:#ffffff;color:${ink}">`,
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:16px">',
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:640px;${font};font-size:16px;line-height:1.5;color:${ink}">`,
    ...rows,
    '</table></td></tr></table></body></html>',
  ].join('\n')
}

function row(content: string, style = ''): string {
  return `<tr><td align="left" style="padding:8px 0;${style}">${content}</td></tr>`
}

/** Label above value on a narrow screen would need a style sheet; two columns with a breaking value need none. */
function facts(list: NonNullable<LetterBody['facts']>): string {
  const cell = `padding:6px 12px 6px 0;border-bottom:1px solid ${line};vertical-align:top;word-break:break-word`
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="font-size:16px">${list
    .map(
      ([label, value]) =>
        `<tr><td width="38%" style="${cell};color:${muted}">${escaped(label)}</td><td style="${cell}">${lines(value)}</td></tr>`,
    )
    .join('')}</table>`
}

function answerIntro(l: LetterBody): string {
  const until = l.answerUntil ? `, trước ngày ${l.answerUntil}` : ''
  return `Trả lời thư này bằng một trong các dòng sau, viết ở dòng đầu tiên${until}:`
}

function lines(value: string): string {
  return escaped(value).replaceAll(/\r?\n/g, '<br>')
}

export function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
