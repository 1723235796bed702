import type { AddressObject, ParsedMail } from 'mailparser'
import { simpleParser } from 'mailparser'
import type { Address } from '#kit/directory/calls.ts'
import { sameForm } from '#kit/mail/addresses.ts'
import { peekHeader, values } from '#kit/message/header.ts'
import { textOfReply } from '#kit/message/htmltext.ts'
import { firstLine } from '#kit/message/quoting.ts'
import { readReplyTo } from '#kit/message/replyto.ts'
import { fromTcvn3, looksTcvn3 } from '#kit/vi/tcvn3.ts'

/** Parsing decodes every part; a reply carries at most a scan or two. */
const MAX_REPLY_OCTETS = 40 * 1024 * 1024
const MAX_PARTS = 100

export type Reply = {
  /** without angle brackets */
  messageId: string
  from: Address
  to: readonly Address[]
  subject: string
  /** the register's sub-address that it was sent to, when there is exactly one in To and Cc */
  asked?: { register: Address; seq: number; n: number }
  /** the author's first line; '' when there is none */
  line: string
  /** attached files, in order; images of a signature (inline, with a Content-ID) are left out */
  files: readonly { name: string; type: string; content: Buffer }[]
} & ({ mayAct: true } | { mayAct: false; why: string })

/**
 * Reads ordinary mail as an answer to one of our letters. Pure but for being asynchronous, as its parser is. Whether the sender
 * was asked, and whether the message came through authenticated submission, is for the caller (`checkSeal`).
 */
export async function readReply(raw: Buffer): Promise<Reply> {
  const no = mayNotAct(raw)
  if (raw.byteLength > MAX_REPLY_OCTETS) return { ...nothing(raw), mayAct: false, why: `${raw.byteLength} octets` }
  let mail: ParsedMail
  try {
    mail = await parsed(raw)
  } catch (err) {
    // too many parts, a header of a megabyte: the message's doing, and nothing to act upon
    return { ...nothing(raw), mayAct: false, why: `not readable: ${(err as Error).message}` }
  }
  const to = [...people(mail.to), ...people(mail.cc)]
  const asked = to.map(readReplyTo).filter((a) => a !== undefined)
  const why = no ?? (people(mail.from).length === 1 ? undefined : 'From is not exactly one address')
  return {
    messageId: (mail.messageId ?? '').replace(/^<|>$/g, ''),
    from: people(mail.from)[0] ?? '',
    to,
    subject: readable((mail.subject ?? '').normalize('NFC')),
    ...(asked.length === 1 ? { asked: asked[0]! } : {}),
    line: readable(firstLine(authorText(mail))), // the line once more: under an English quotation the whole does not look like TCVN3
    files: mail.attachments
      .filter(
        (a) =>
          !(a.related && a.contentDisposition !== 'attachment') &&
          !/^application\/(pkcs7-signature|x-pkcs7-signature|pgp-signature)$/.test(a.contentType),
      )
      .map((a) => ({ name: a.filename ?? '', type: a.contentType, content: a.content })),
    ...(why === undefined ? { mayAct: true } : { mayAct: false, why }),
  }
}

/** Why nothing may be done or answered because of this message (RFC 3834 §2, RFC 2076), or undefined. Reads the header only. */
export function mayNotAct(raw: Uint8Array): string | undefined {
  const fields = peekHeader(raw)
  const first = (name: string) => (values(fields, name)[0] ?? '').trim().toLowerCase()
  if (values(fields, 'Return-Path').some((path) => path.trim() === '<>')) return 'empty return path'
  const auto = first('Auto-Submitted')
  if (auto !== '' && auto.replace(/(?<!\s)\s*[;(].*$/s, '') !== 'no') return `Auto-Submitted: ${auto}`
  for (const name of [
    'List-Id',
    'List-Post',
    'List-Unsubscribe',
    'X-Autoreply',
    'X-Autorespond',
    'X-Loop',
    'X-Failed-Recipients',
  ])
    if (values(fields, name).length > 0) return `${name} is there`
  if (/^(bulk|junk|list|auto_reply)\b/.test(first('Precedence'))) return `Precedence: ${first('Precedence')}`
  if (
    /\b(all|oof|autoreply)\b/.test(first('X-Auto-Response-Suppress')) &&
    /^(automatic reply|tự động trả lời|thư trả lời tự động)/.test(first('Subject'))
  )
    return 'automatic reply'
  if (/^multipart\/report\b/.test(first('Content-Type'))) return 'a report'
  if (/^(mailer-daemon|postmaster|noreply|no-reply)@/.test(sameForm(first('From').replace(/^.*<|>.*$/gs, ''))))
    return 'sent by a machine'
  return undefined
}

function nothing(raw: Buffer) {
  const fields = peekHeader(raw)
  return {
    messageId: (values(fields, 'Message-ID')[0] ?? '').replace(/^<|>$/g, ''),
    from: '',
    to: [],
    subject: '',
    line: '',
    files: [],
  }
}

async function parsed(raw: Buffer): Promise<ParsedMail> {
  const options = {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    keepCidLinks: true,
    ignoreEmbedded: true,
    maxChildNodes: MAX_PARTS,
  }
  const mail = await simpleParser(raw, options)
  if (!mail.text?.includes('\ufffd')) return mail
  // 8-bit text under no charset or a wrong one: octets are kept as Latin-1, and told apart below
  return simpleParser(withLatin1(raw), options)
}

function withLatin1(raw: Buffer): Buffer {
  const text = raw.toString('latin1')
  const named = text
    .replaceAll(/charset\s*=\s*"?(us-ascii|utf-8|unicode|unknown-8bit|x-unknown|default)"?/gi, 'charset=iso-8859-1')
    .replaceAll(/^(Content-Type:\s*text\/plain)\s*$/gim, '$1; charset=iso-8859-1')
  const headed = /^content-type:/im.test(text.slice(0, text.search(/\r?\n\r?\n/) + 1))
    ? named
    : `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n${named}`
  return Buffer.from(headed, 'latin1')
}

/** text/plain when it says anything, else what the HTML shows. NFC; TCVN3 that was sent as Latin-1 is read as such. */
function authorText(mail: ParsedMail): string {
  const plain = mail.text ?? ''
  const chosen = plain.trim() !== '' ? plain : typeof mail.html === 'string' ? textOfReply(mail.html) : ''
  return readable(chosen.normalize('NFC'))
}

/** TCVN3 that came as Latin-1, read as such. The signs of quotations and addresses say nothing about the encoding. */
function readable(text: string): string {
  return looksTcvn3(text.replaceAll(/[<>=+|~^$]/g, ' ')) ? fromTcvn3(text) : text
}

function people(field: AddressObject | AddressObject[] | undefined): Address[] {
  return [field ?? []]
    .flat()
    .flatMap((f) => f.value.flatMap((a) => (a.group ? a.group.map((g) => g.address ?? '') : [a.address ?? ''])))
    .filter((a) => a !== '')
}
