/** ENVELOPE (RFC 9051 §7.5.2): the fields as they stand, unfolded; encoded words are the client's to undo. */
import type { EnvelopeAddress } from '#mailserver/mime/addresses.ts'
import { readEnvelopeAddresses } from '#mailserver/mime/addresses.ts'
import type { Field } from '#mailserver/mime/fields.ts'
import { fieldOf } from '#mailserver/mime/fields.ts'
import { imapString, nstring } from '#mailserver/mime/imaptext.ts'

export function envelopeOf(fields: readonly Field[]): string {
  const from = addresses(fields, 'from')
  const or = (name: string) => {
    const own = addresses(fields, name)
    return own === 'NIL' ? from : own // RFC 9051: the server defaults these to From
  }
  const text = (name: string) => nstring(fieldOf(fields, name))
  return `(${[
    text('date'),
    text('subject'),
    from,
    or('sender'),
    or('reply-to'),
    addresses(fields, 'to'),
    addresses(fields, 'cc'),
    addresses(fields, 'bcc'),
    text('in-reply-to'),
    text('message-id'),
  ].join(' ')})`
}

function addresses(fields: readonly Field[], name: string): string {
  const all = fields.filter((f) => f.name === name).flatMap((f) => readEnvelopeAddresses(f.value))
  return all.length === 0 ? 'NIL' : `(${all.map(address).join('')})`
}

function address(a: EnvelopeAddress): string {
  if ('group' in a) return a.group === null ? '(NIL NIL NIL NIL)' : `(NIL NIL ${imapString(a.group)} NIL)`
  return `(${nstring(a.name)} ${nstring(a.route)} ${imapString(a.mailbox)} ${imapString(a.host)})`
}
