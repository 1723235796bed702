/** Address fields for ENVELOPE (RFC 5322 §3.4, RFC 9051 §7.5.2): one pass, lenient, groups kept. */

import { bare } from '#mailserver/mime/fields.ts'
import { MAX_ADDRESSES } from '#mailserver/mime/limits.ts'

/** One character an octet, encoded words not undone. A group is a start with its name as mailbox, members, and an end. */
export type EnvelopeAddress =
  | { name?: string; route?: string; mailbox: string; host: string }
  | { group: string }
  | { group: null }

type Token = { kind: 'text' | 'quoted' | 'angle' | 'comment'; text: string } | { kind: ',' | ';' | ':' }

/** Name <address>, as nearly all fields have it. */
const usual =
  /^(?:(?:"([^"\\]*)"|([^"(),:;<>[\]\\\s]+(?: [^"(),:;<>[\]\\\s]+)*)) )?<([^\s"(),:;<>@[\]\\]+)@([^\s"(),:;<>@[\]\\]+)>$/

export function readEnvelopeAddresses(value: string): EnvelopeAddress[] {
  const whole = usual.exec(value)
  if (whole) {
    const name = whole[1] === undefined ? whole[2] : bare(whole[1])
    return [{ ...(name && { name }), mailbox: whole[3]!, host: whole[4]! }]
  }
  const out: EnvelopeAddress[] = []
  let pending: Token[] = []
  let inGroup = false
  const flush = () => {
    const address = one(pending)
    if (address && out.length < MAX_ADDRESSES) out.push(address)
    pending = []
  }
  for (const token of tokens(value)) {
    if (token.kind === ',' || token.kind === ';') {
      flush()
      if (token.kind === ';' && inGroup) {
        out.push({ group: null })
        inGroup = false
      }
    } else if (token.kind === ':' && !inGroup) {
      out.push({ group: phrase(pending) })
      pending = []
      inGroup = true
    } else if (token.kind !== ':') pending.push(token)
  }
  flush()
  if (inGroup) out.push({ group: null })
  return out
}

function one(all: readonly Token[]): EnvelopeAddress | undefined {
  const angle = all.find((t) => t.kind === 'angle') as Extract<Token, { text: string }> | undefined
  if (angle) {
    const name = phrase(all.slice(0, all.indexOf(angle))) // what stands behind the address is nobody's name
    const routed = /^(@[^:]*):(.*)$/s.exec(angle.text)
    const { before, mailbox, host } = split(routed?.[2] ?? angle.text)
    return {
      ...(name || before ? { name: name || before } : commented(all)),
      ...(routed ? { route: routed[1]! } : {}),
      ...{ mailbox, host },
    }
  }
  const plain = all
    .flatMap((t) =>
      t.kind === 'text' ? [t.text] : t.kind === 'quoted' ? [`"${t.text.replaceAll(/["\\]/g, '\\$&')}"`] : [],
    )
    .join(' ')
  if (plain === '' || plain === '""') return undefined
  const { before, mailbox, host } = split(plain)
  return { ...(before ? { name: before } : commented(all)), mailbox, host }
}

/** The old form: address (Name) */
function commented(all: readonly Token[]): { name?: string } {
  const comment = all.find((t) => t.kind === 'comment') as { text: string } | undefined
  return comment?.text ? { name: comment.text } : {}
}

/** Stands for blanks outside quotes while an address is taken apart; a field has no line ends left in it. */
const gap = '\n'

/**
 * RFC 5322 §3.4.1, §4.4: blanks beside a dot or the @, and comments, are no part of an address; a quoted local part may hold
 * anything. Of several words the first with an @ is the address, and those before it are no part of that.
 */
function split(address: string): { before: string; mailbox: string; host: string } {
  if (!/[\s"\\()]/.test(address)) {
    const sign = address.lastIndexOf('@')
    return sign < 0
      ? { before: '', mailbox: address, host: '' }
      : { before: '', mailbox: address.slice(0, sign), host: address.slice(sign + 1) }
  }
  let clean = ''
  let quoted = false
  let depth = 0
  for (let i = 0; i < address.length; i++) {
    const c = address[i]!
    if (c === '\\' && (quoted || depth > 0)) {
      i++
      if (depth === 0) clean += address[i] ?? ''
    } else if (c === '"' && depth === 0) quoted = !quoted
    else if (quoted) clean += c
    else if (c === '(') depth++
    else if (c === ')' && depth > 0) depth--
    else if (depth === 0 && c !== ' ' && c !== '\t' && c !== '\r' && c !== '\n') clean += c
    else if (depth === 0 && !clean.endsWith(gap)) clean += gap
  }
  const words = clean
    .replaceAll(/\n?([.@])\n?/g, '$1')
    .split(gap)
    .filter(Boolean)
  const at = words.findIndex((word) => word.includes('@'))
  const before = words.slice(0, at < 0 ? words.length : at).join(' ')
  if (at < 0) return words.length > 1 ? { before, mailbox: '', host: '' } : { before: '', mailbox: before, host: '' }
  const word = words[at]!
  const sign = word.lastIndexOf('@')
  return { before, mailbox: word.slice(0, sign), host: word.slice(sign + 1) }
}

function phrase(all: readonly Token[]): string {
  return all
    .flatMap((t) =>
      t.kind === 'quoted' ? [bare(t.text)] : t.kind === 'text' ? [bare(t.text).replaceAll(/[ \t\r\n]+/g, ' ')] : [],
    )
    .filter((t) => t !== '')
    .join(' ')
}

/** What begins something else than text: `"(<[,;:` */
const isSpecial = (c: number): boolean =>
  c === 34 || c === 40 || c === 60 || c === 91 || c === 44 || c === 59 || c === 58

function* tokens(value: string): Generator<Token> {
  let at = 0
  let text = ''
  function* rest(): Generator<Token> {
    if (bare(text) !== '') yield { kind: 'text', text: bare(text) }
    text = ''
  }
  while (at < value.length) {
    const c = value[at]!
    if (c === '"') {
      yield* rest()
      const start = ++at
      while (at < value.length && value[at] !== '"') at += value[at] === '\\' ? 2 : 1
      yield { kind: 'quoted', text: value.slice(start, at).replaceAll(/\\(.)/g, '$1') }
      at++
    } else if (c === '(') {
      yield* rest()
      const start = at + 1
      let depth = 0
      do {
        if (value[at] === '\\') at++
        else if (value[at] === '(') depth++
        else if (value[at] === ')') depth--
        at++
      } while (at < value.length && depth > 0)
      yield {
        kind: 'comment',
        text: bare(value.slice(start, depth > 0 ? at : at - 1).replaceAll(/\\(.)/g, '$1')),
      }
    } else if (c === '<') {
      yield* rest()
      const close = value.indexOf('>', at)
      const end = close < 0 ? value.length : close
      yield { kind: 'angle', text: bare(value.slice(at + 1, end)) }
      at = end + 1
    } else if (c === '[' && text.trimEnd().endsWith('@') && value.indexOf(']', at) > 0) {
      // a domain literal, whose colons are no group's (RFC 5321 §4.1.3)
      const end = value.indexOf(']', at) + 1
      text += value.slice(at, end)
      at = end
    } else if (c === ',' || c === ';' || c === ':') {
      yield* rest()
      yield { kind: c }
      at++
    } else {
      const start = at++
      while (at < value.length && !isSpecial(value.charCodeAt(at))) at++
      text += value.slice(start, at)
    }
  }
  yield* rest()
}
