import type { MailAccount } from '#kit/mail/imap.ts'
import type { Part, Summary } from '#kit/mail/summary.ts'
import type { Webmail } from '#webmail/context.ts'
import { shownName, subjectShown } from '#webmail/list/rows.ts'
import { type Card, cardOf, largestCard } from '#webmail/read/card.ts'
import { type Attachment, type Reading, readingOf } from '#webmail/read/parts.ts'
import { type Block, blocks, decodeText, unflow } from '#webmail/read/text.ts'

/** Verdicts and marks that the page tells the reader about; anything else of the header is in the source. */
const shownHeaders = ['congso-kind', 'x-spam-status', 'x-spam-flag', 'list-id', 'authentication-results']

/** A message as the reading pane shows it. */
export type Letter = {
  uid: number
  subject: string
  who: string
  address: string
  /** the person behind an office (RFC 5322 §3.6.2), when another */
  sentBy?: string
  to: string
  cc: string
  received: string
  flagged: boolean
  draft: boolean
  card?: Card
  blocks?: Block[]
  /** the text is in a frame of its own */
  html: boolean
  attachments: Attachment[]
  attachedOctets: number
  signed: boolean
}

export async function readLetter(given: {
  account: MailAccount
  folder: string
  uid: number
  webmail: Webmail
  /** whether the person may mark it as read */
  see: boolean
}): Promise<Letter> {
  const { account, folder, uid, see } = given
  const m = await account.summary({ folder, uid, structure: true, headers: shownHeaders })
  const reading = m.structure ? readingOf(m.structure) : { inline: [], attachments: [], signed: false }
  const structured = m.headers.some((h) => h.name === 'congso-kind')
  const card =
    structured && m.size <= largestCard
      ? await cardOf(await account.source({ folder, uid }), m.received, given.webmail)
      : undefined
  // an act's own html says what the card says; its text is the shorter reading
  const html = reading.html !== undefined && !(card && reading.text)
  const text = html || !reading.text ? undefined : await textOf({ account, folder, uid, part: reading.text })
  if (see && !m.flags.includes('\\Seen'))
    await account.changeFlags({ folder, uids: [uid], change: { add: ['\\Seen'] } })
  return letter(m, reading, {
    html,
    ...(text === undefined ? {} : { blocks: blocks(text) }),
    ...(card ? { card } : {}),
  })
}

/** A text part as Unicode, lines flowed together where its writer's program had broken them. */
export async function textOf(given: {
  account: MailAccount
  folder: string
  uid: number
  part: Part
}): Promise<string> {
  const { parameters, number } = given.part
  const text = decodeText(await given.account.part({ ...given, part: number }), parameters['charset'])
  const flowed = (parameters['format'] ?? '').toLowerCase() === 'flowed'
  return flowed ? unflow(text, (parameters['delsp'] ?? '').toLowerCase() === 'yes') : text
}

function letter(m: Summary, reading: Reading, more: { html: boolean; blocks?: Block[]; card?: Card }): Letter {
  const from = m.from[0]
  const sender = m.sender[0]
  const another = sender && from && sender.address.toLowerCase() !== from.address.toLowerCase()
  return {
    uid: m.uid,
    subject: subjectShown(m.subject, more.card !== undefined),
    who: from ? shownName(from) : '(không ghi người gửi)',
    address: from?.address ?? '',
    ...(another ? { sentBy: shownName(sender) } : {}),
    to: m.to.map(shownName).join(', '),
    cc: m.cc.map(shownName).join(', '),
    received: m.received.toISOString(),
    flagged: m.flags.includes('\\Flagged'),
    draft: m.flags.includes('\\Draft'),
    attachments: reading.attachments,
    attachedOctets: reading.attachments.reduce((sum, a) => sum + a.size, 0),
    signed: reading.signed,
    ...more,
  }
}
