/** What an IMAP URL of CATENATE points to, within what this session may see (RFC 4469 §3). Nothing is marked as seen. */
import { type Mailbox, MessageGone, type MessageRow } from '#mailserver/store/port.ts'
import type { Section } from './parse/fetch.ts'
import { readMessageUrl } from './parse/url.ts'
import { findNamed, mustHave } from './places.ts'
import { No } from './reply.ts'
import type { Session } from './session.ts'
import { cut, pickFields, spanOf } from './write/sections.ts'

export type Linked = { octets: number; pieces(): Iterable<Uint8Array> }

/** @throws No [BADURL] */
export function linked(session: Session, url: string): Linked {
  const bad = () => new No(`BADURL ${quoted(url)}`, 'Không tìm thấy phần thư được dẫn. / The URL names nothing here.')
  const asked = readMessageUrl(url)
  if (!asked || !isOurs(session, asked.server)) throw bad()
  const mailbox = mailboxOf(session, asked.mailbox)
  const { read } = session.given.store
  const row = mailbox && read.rows(mailbox.id, { ranges: [[asked.uid, asked.uid]], limit: 1 })[0]
  if (!mailbox || !row || (asked.uidValidity ?? mailbox.uidValidity) !== mailbox.uidValidity) throw bad()
  try {
    const whole = sectionOctets(session, row, asked.section)
    if (!whole) throw bad()
    if (!asked.partial) return whole
    const { from, to } = cut(
      { from: 0, to: whole.octets },
      { from: asked.partial.from, count: asked.partial.count ?? Number.MAX_SAFE_INTEGER },
    )
    return { octets: to - from, pieces: () => stretch(whole.pieces(), from, to) }
  } catch (error) {
    throw error instanceof MessageGone ? bad() : error
  }
}

/** Only this session's own server and name: an absolute URL of another would want its own connection. */
function isOurs(session: Session, server: { user?: string; host: string } | undefined): boolean {
  if (!server) return true
  const host = server.host.replace(/:\d+$/, '').toLowerCase()
  const user = server.user?.toLowerCase() ?? session.user.account.address
  return host === session.given.hostname.toLowerCase() && user === session.user.account.address
}

function mailboxOf(session: Session, name: string | undefined): Mailbox | undefined {
  const { view } = session
  if (name === undefined) {
    if (view) mustHave(session, view, 'r')
    return view && session.given.store.read.mailboxById(view.watch.id)
  }
  try {
    const found = findNamed(session, name.normalize('NFC'))
    mustHave(session, found, 'r')
    return found.mailbox
  } catch (error) {
    if (error instanceof No) return undefined
    throw error
  }
}

function sectionOctets(session: Session, row: MessageRow, section: Section | undefined): Linked | undefined {
  const { read } = session.given.store
  if (!section) return { octets: row.size, pieces: () => read.octets(row.message, 0, row.size) }
  const span = spanOf(read.structure(row.message), section)
  if (!span) return undefined
  if (section.text !== 'fields' && section.text !== 'fields-not')
    return {
      octets: span.to - span.from,
      pieces: () => (span.to > span.from ? read.octets(row.message, span.from, span.to) : []),
    }
  const header =
    span.to > span.from ? Buffer.concat([...read.octets(row.message, span.from, span.to)]) : Buffer.alloc(0)
  const picked = pickFields(header, section.fields, section.text === 'fields')
  return { octets: picked.length, pieces: () => [picked] }
}

function* stretch(pieces: Iterable<Uint8Array>, from: number, to: number): Generator<Uint8Array> {
  let at = 0
  for (const piece of pieces) {
    if (at >= to) return
    const part = piece.subarray(Math.max(0, from - at), Math.max(0, Math.min(piece.length, to - at)))
    if (part.length) yield part
    at += piece.length
  }
}

/** A URL as it came may hold anything; what no quoted string can hold is percent-encoded. */
const quoted = (url: string) =>
  `"${url
    .slice(0, 1000)
    .replaceAll(/[^\x20-\x7e]/gu, (c) => (c.isWellFormed() ? encodeURIComponent(c) : '%EF%BF%BD'))
    .replaceAll(/["\\]/g, '\\$&')}"`
