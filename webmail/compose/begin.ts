import { randomUUID } from 'node:crypto'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Person, Summary } from '#kit/mail/summary.ts'
import { clock, shortDate } from '#kit/vi/dates.ts'
import { type CarriedFile, carriedFiles, type Draft } from '#webmail/compose/draft.ts'
import { shownName } from '#webmail/list/rows.ts'
import { htmlToText } from '#webmail/read/html.ts'
import { textOf } from '#webmail/read/letter.ts'
import { readingOf } from '#webmail/read/parts.ts'
import { decodeText, quote } from '#webmail/read/text.ts'

export type Beginning = { draft: Draft; carried: CarriedFile[] }
export type Source = { account: MailAccount; folder: string; uid: number; me: string }

export function blank(from: string): Draft {
  return {
    from,
    to: '',
    cc: '',
    bcc: '',
    subject: '',
    text: '',
    carried: [],
    inReplyTo: '',
    references: '',
    nonce: randomUUID(),
    replaces: '',
  }
}

/** An answer goes where the message says (Reply-To, RFC 5322 §3.6.2); to all: also to those who got it, but not to oneself. */
export async function reply(source: Source, toAll: boolean): Promise<Beginning> {
  const m = await source.account.summary({ ...source, structure: true })
  const to = m.replyTo.length > 0 ? m.replyTo : m.from
  const others = toAll
    ? [...m.to, ...m.cc].filter((p) => !same(p, source.me) && !to.some((t) => same(t, p.address)))
    : []
  return {
    draft: {
      ...blank(source.me),
      to: line(to),
      cc: line(others),
      subject: prefixed('Re: ', m.subject),
      text: quote({ who: m.from[0] ? shownName(m.from[0]) : '', when: moment(m), text: await plainText(source, m) }),
      ...(await thread(source, m)),
    },
    carried: [],
  }
}

export async function forward(source: Source): Promise<Beginning> {
  const m = await source.account.summary({ ...source, structure: true })
  const files = await carriedFiles(source.account, source.folder, source.uid)
  const head = [
    '---------- Thư chuyển tiếp ----------',
    `Từ: ${line(m.from)}`,
    `Ngày: ${moment(m)}`,
    `Chủ đề: ${m.subject}`,
    `Đến: ${line(m.to)}`,
  ].join('\n')
  return {
    draft: {
      ...blank(source.me),
      subject: prefixed('Fwd: ', m.subject),
      text: `\n\n${head}\n\n${await plainText(source, m)}`,
      carried: files.map((f) => f.key),
      references: (await thread(source, m)).references,
    },
    carried: files,
  }
}

/** A draft as it was left, with its files; saving again replaces it. */
export async function resume(source: Source): Promise<Beginning> {
  const m = await source.account.summary({ ...source, structure: true, headers: ['bcc', 'references', 'in-reply-to'] })
  const files = await carriedFiles(source.account, source.folder, source.uid)
  const field = (name: string) => m.headers.find((h) => h.name === name)?.value ?? ''
  return {
    draft: {
      ...blank(m.from[0]?.address || source.me),
      to: line(m.to),
      cc: line(m.cc),
      bcc: field('bcc'),
      subject: m.subject,
      text: await plainText(source, m),
      carried: files.map((f) => f.key),
      inReplyTo: field('in-reply-to').replaceAll(/[<>\s]/g, ''),
      references: identifiers(field('references')),
      replaces: String(source.uid),
    },
    carried: files,
  }
}

/** The text for quoting; a message that has HTML alone is read through its tags. */
async function plainText(source: Source, m: Summary): Promise<string> {
  const reading = m.structure ? readingOf(m.structure) : undefined
  if (reading?.text) return textOf({ ...source, part: reading.text })
  if (!reading?.html) return ''
  const html = decodeText(
    await source.account.part({ ...source, part: reading.html.number }),
    reading.html.parameters['charset'],
  )
  return htmlToText(html)
}

async function thread(source: Source, m: Summary): Promise<{ inReplyTo: string; references: string }> {
  const [withRefs] = await source.account.summaries({
    folder: source.folder,
    uids: [source.uid],
    headers: ['references'],
  })
  const before = identifiers(withRefs?.headers.find((h) => h.name === 'references')?.value ?? '')
  return { inReplyTo: m.messageId, references: [before, m.messageId].filter(Boolean).join(' ') }
}

/** The last twenty: enough for every program to find the thread, and a header that stays short. */
function identifiers(value: string): string {
  return [...value.matchAll(/<([^<>\s]+)>/g)]
    .map((m) => m[1]!)
    .slice(-20)
    .join(' ')
}

const moment = (m: Summary): string => {
  const at = (m.date ?? m.received).toISOString()
  return `${shortDate(at)} ${clock(at)}`
}
const same = (p: Person, address: string): boolean => p.address.toLowerCase() === address.toLowerCase()
const line = (people: readonly Person[]): string =>
  people
    .map((p) =>
      p.name ? `${/[,;"<>@()]/.test(p.name) ? `"${p.name.replaceAll('"', '')}"` : p.name} <${p.address}>` : p.address,
    )
    .join(', ')
const prefixed = (prefix: string, subject: string): string =>
  new RegExp(`^(${prefix.trim()}|${prefix === 'Re: ' ? 'Trả lời:' : 'Chuyển tiếp:'})`, 'i').test(subject)
    ? subject
    : `${prefix}${subject}`
