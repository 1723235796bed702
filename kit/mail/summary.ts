import type { FetchMessageObject, MessageAddressObject, MessageStructureObject } from 'imapflow'

export type Person = { name: string; address: string }

/** A message as a list shows it; texts are Unicode (NFC). */
export type Summary = {
  uid: number
  flags: readonly string[]
  modseq: bigint
  /** INTERNALDATE: when the mailbox got it */
  received: Date
  /** octets */
  size: number
  subject: string
  /** without angle brackets */
  messageId: string
  inReplyTo: string
  date?: Date
  from: readonly Person[]
  sender: readonly Person[]
  replyTo: readonly Person[]
  to: readonly Person[]
  cc: readonly Person[]
  structure?: Part
  /** requested header fields, lower-case names, unfolded values, in the order of the message */
  headers: readonly { name: string; value: string }[]
}

/** One part of a message; `number` is what `part()` takes. */
export type Part = {
  number: string
  /** lower case, "text/plain" */
  type: string
  parameters: Readonly<Record<string, string>>
  encoding: string
  /** encoded octets */
  size: number
  disposition?: string
  filename?: string
  /** without angle brackets */
  contentId?: string
  children: readonly Part[]
}

export function summaryOf(m: FetchMessageObject): Summary {
  const e = m.envelope ?? {}
  const date = e.date === undefined ? undefined : new Date(e.date)
  return {
    uid: m.uid,
    flags: [...(m.flags ?? [])],
    modseq: m.modseq ?? 0n,
    received: new Date(m.internalDate ?? 0),
    size: m.size ?? 0,
    subject: (e.subject ?? '').normalize('NFC'),
    messageId: bare(e.messageId),
    inReplyTo: bare(e.inReplyTo),
    ...(date && !Number.isNaN(date.getTime()) ? { date } : {}),
    from: people(e.from),
    sender: people(e.sender),
    replyTo: people(e.replyTo),
    to: people(e.to),
    cc: people(e.cc),
    ...(m.bodyStructure ? { structure: partOf(m.bodyStructure) } : {}),
    headers: m.headers ? headerFields(m.headers.toString('utf8')) : [],
  }
}

function people(list: readonly MessageAddressObject[] | undefined): Person[] {
  return (list ?? []).map((a) => ({ name: (a.name ?? '').normalize('NFC'), address: a.address ?? '' }))
}

function bare(id: string | undefined): string {
  return (id ?? '').trim().replace(/^<|>$/g, '')
}

function partOf(node: MessageStructureObject): Part {
  const filename = node.dispositionParameters?.['filename'] ?? node.parameters?.['name']
  return {
    number: node.part ?? '1', // a single-part message has one body, section 1 (RFC 9051 §6.4.5.1)
    type: node.type.toLowerCase(),
    parameters: node.parameters ?? {},
    encoding: (node.encoding ?? '7bit').toLowerCase(),
    size: node.size ?? 0,
    ...(node.disposition ? { disposition: node.disposition.toLowerCase() } : {}),
    ...(filename ? { filename: filename.normalize('NFC') } : {}),
    ...(node.id ? { contentId: bare(node.id) } : {}),
    children: (node.childNodes ?? []).map(partOf),
  }
}

function headerFields(text: string): { name: string; value: string }[] {
  const lines = text.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  return lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 1 ? [] : [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }]
  })
}
