/**
 * Rules and the reply while away, as the page has them, and as a Sieve script that people can read. The script carries each of
 * them once more as data behind "#:", and is taken for ours only when writing these again gives the same text: what was
 * changed by hand is shown as text, never guessed at.
 */
import { constantText, quoted } from './quote.ts'

export const conditionKinds = ['from', 'to', 'subject', 'attachment', 'larger', 'smaller'] as const
export type Condition =
  | { of: 'from' | 'to' | 'subject'; text: string }
  | { of: 'attachment' }
  /** megabytes */
  | { of: 'larger' | 'smaller'; mb: number }
export type Rule = {
  name: string
  on: boolean
  match: 'all' | 'any'
  conditions: readonly Condition[]
  /** path of a folder; absent: it stays in INBOX */
  move?: string
  /** path of a folder that gets a copy */
  copy?: string
  flag?: boolean
  read?: boolean
  /** an address of ours that gets a copy */
  forward?: string
  /** the rules below do not look at it any more */
  last?: boolean
}
/** Days are YYYY-MM-DD; both count. */
export type Away = { on: boolean; from?: string; to?: string; subject: string; text: string }
export type Filters = { rules: readonly Rule[]; away?: Away }

/** Name of the script under which the page keeps them, as ManageSieve programs see it. */
export const scriptName = 'Bộ lọc Công Sở'

const casemap = ':comparator "i;unicode-casemap"'

export function writeScript({ rules, away }: Filters): string {
  const body = [...(away ? awayLines(away) : []), ...rules.flatMap((rule, i) => ruleLines(rule, i + 1))]
  const needs = requiredBy(body.filter((line) => !line.startsWith('#')).join('\n'))
  const lines = [
    '# Bộ lọc thư, do trang "Bộ lọc thư" của Công Sở viết.',
    '# Các dòng bắt đầu bằng "#:" để trang đó hiện lại biểu mẫu. Sửa tay được; khi đó trang chỉ hiện văn bản.',
    ...(needs.length > 0 ? [`require [${needs.map(quoted).join(', ')}];`] : []),
    ...body,
    '',
  ]
  return lines.join('\r\n')
}

function ruleLines(rule: Rule, number: number): string[] {
  const tests = rule.conditions.map(testOf)
  const condition =
    tests.length === 1 ? tests[0]! : `${rule.match === 'all' ? 'allof' : 'anyof'}(\r\n    ${tests.join(',\r\n    ')})`
  const acts = [
    ...(rule.flag ? ['addflag "\\\\Flagged";'] : []),
    ...(rule.read ? ['addflag "\\\\Seen";'] : []),
    ...(rule.forward ? [`redirect :copy ${quoted(rule.forward)};`] : []),
    ...(rule.copy ? [`fileinto :copy ${quoted(rule.copy)};`] : []),
    ...(rule.move ? [`fileinto ${quoted(rule.move)};`] : []),
    ...(rule.last ? ['stop;'] : []),
  ]
  return [
    '',
    `#: ${JSON.stringify({ rule })}`,
    `# ${number}. ${constantText(rule.name)}`,
    ...(rule.on ? [`if ${condition} {`, ...acts.map((a) => `  ${a}`), '}'] : ['# (đang tắt)']),
  ].flatMap((line) => line.split('\r\n'))
}

function testOf(c: Condition): string {
  switch (c.of) {
    case 'from':
      return `header :contains ${casemap} "from" ${quoted(c.text)}`
    case 'to':
      return `header :contains ${casemap} ["to", "cc"] ${quoted(c.text)}`
    case 'subject':
      return `header :contains ${casemap} "subject" ${quoted(c.text)}`
    case 'attachment':
      return 'header :contains "content-type" ["multipart/mixed", "application/"]'
    case 'larger':
      return `size :over ${c.mb}M`
    case 'smaller':
      return `size :under ${c.mb}M`
  }
}

function awayLines(away: Away): string[] {
  const days = [
    ...(away.from ? [`currentdate :value "ge" "date" ${quoted(away.from)}`] : []),
    ...(away.to ? [`currentdate :value "le" "date" ${quoted(away.to)}`] : []),
  ]
  const reply = `vacation :days 3${away.subject ? ` :subject ${quoted(away.subject)}` : ''} ${quoted(away.text)};`
  const block =
    days.length === 0
      ? [reply]
      : [`if ${days.length === 1 ? days[0]! : `allof(${days.join(', ')})`} {`, `  ${reply}`, '}']
  return ['', `#: ${JSON.stringify({ away })}`, '# Trả lời vắng mặt', ...(away.on ? block : ['# (đang tắt)'])].flatMap(
    (line) => line.split('\r\n'),
  )
}

function requiredBy(text: string): string[] {
  const found: [string, RegExp][] = [
    ['comparator-i;unicode-casemap', /i;unicode-casemap/],
    ['copy', /:copy /],
    ['date', /^(?:if )?.*currentdate /m],
    ['fileinto', /^ {2}fileinto /m],
    ['imap4flags', /^ {2}addflag /m],
    ['relational', /:value "[gl]e"/],
    ['vacation', /^ *vacation /m],
  ]
  return found.filter(([, used]) => used.test(text)).map(([name]) => name)
}

/** @returns undefined when the script is not, or no longer, one that the page wrote */
export function readScript(text: string): Filters | undefined {
  const rules: Rule[] = []
  let away: Away | undefined
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('#: ')) continue
    try {
      const said = JSON.parse(line.slice(3)) as { rule?: Rule; away?: Away }
      if (said.rule) rules.push(said.rule)
      if (said.away) away = said.away
    } catch {
      // a line of somebody's text that looks like ours; whether all is ours is decided below
    }
  }
  const filters: Filters = { rules, ...(away ? { away } : {}) }
  try {
    return same(writeScript(filters), text) ? filters : undefined
  } catch {
    return undefined // data that is no rule: written by somebody else
  }
}

const same = (a: string, b: string): boolean => a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim()
