/**
 * What becomes of a letter to a group with members elsewhere. They get it from `<group>-bounces@`, so that SPF holds (RFC 7208 §2.4) and
 * what cannot be delivered comes to who answers for the group, and with the fields of RFC 2369 and RFC 2919 on top; nothing else of it
 * is changed, so that the author's own DKIM signature holds. It is not sealed: our seal is the word of an agency of ours. Pure.
 */
import { splitAddress } from '#mailserver/accounts/address.ts'
import type { MailingList } from '#mailserver/accounts/port.ts'
import { encodedWords } from '#mailserver/mime/encodedwords.ts'
import type { Filed } from '#mailserver/store/port.ts'

type Send = Filed['sends'][number]
export type Letter = { raw: Uint8Array /** envelope sender, "" for <> */; from: string }

/** RFC 5321 §6.3: a hundred is what others take for a loop. */
const MAX_RECEIVED = 50
const own = /^(?:list-(?:id|post|owner|help|subscribe|unsubscribe|archive)|precedence)[ \t]*:/i

/** "phong.bao.haiduong.gov.vn": of RFC 2919 §3, for as long as the group has its address. */
const idOf = ({ address }: MailingList): string => address.replace('@', '.')

/** CRLF lines; of whoever answers for the group, since there is no program that takes orders. */
export function listFields(list: MailingList): string {
  const name = /^[\x20-\x7e]*$/.test(list.name)
    ? `"${list.name.replaceAll(/["\\]/g, '\\$&')}"`
    : encodedWords(list.name).join('\r\n ')
  const ask = (subject: string) =>
    `<mailto:${uri(list.owner)}?subject=${encodeURIComponent(`${subject} ${list.address}`)}>`
  return [
    `List-Id: ${name} <${idOf(list)}>`,
    `List-Post: ${list.open ? `<mailto:${uri(list.address)}>` : 'NO'}`,
    `List-Owner: <mailto:${uri(list.owner)}>`,
    `List-Help: ${ask('help')}`,
    `List-Unsubscribe: ${ask('unsubscribe')}`,
    'Precedence: list',
    '',
  ].join('\r\n')
}

/** RFC 6068: what would end the address is encoded; UTF-8 too. */
const uri = (address: string): string => encodeURI(address).replaceAll(/[?&#%](?![0-9A-F]{2})/g, encodeURIComponent)

/** It has been sent to this group before, or too far: whoever sends it on to its members would never end. */
export function hasBeenThrough(raw: Uint8Array, list: MailingList): boolean {
  const header = headerOf(raw)
  const id = `<${idOf(list)}>`
  const marks = header
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.toLowerCase())
  return (
    marks.some((line) => line.startsWith('list-id:') && line.includes(id)) ||
    marks.some((line) => line.startsWith('delivered-to:') && line.slice(13).trim() === list.address) ||
    marks.filter((line) => line.startsWith('received:')).length > MAX_RECEIVED
  )
}

/** To all members elsewhere; a letter without a sender stays one (RFC 5321 §4.5.5), so that nothing answers an answer. */
export function toMembers({ raw, from }: Letter, list: MailingList): Send {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const header = headerOf(raw)
  const kept = Buffer.from(withoutListFields(header), 'latin1')
  const sent = Buffer.concat([
    Buffer.from(`Delivered-To: ${list.address}\r\n${listFields(list)}`),
    kept,
    octets.subarray(Buffer.byteLength(header, 'latin1')),
  ])
  const sender = from === '' ? '' : list.account.address
  return {
    raw: sent,
    from: sender,
    local: [],
    outside: list.members,
    messageId: /^message-id:\s*<?([^<>\s]{1,998})/im.exec(header)?.[1] ?? '',
    smtputf8: ![sender, ...list.members].every((text) => /^[\x00-\x7f]*$/.test(text)),
    eightBit: sent.some((octet) => octet > 127),
  }
}

/** RFC 2369 §4: those of a list that it came through before are taken out. */
function withoutListFields(header: string): string {
  let dropping = false
  return header
    .split(/(?<=\n)/)
    .filter((line) => {
      if (!/^[ \t]/.test(line)) dropping = own.test(line)
      return !dropping
    })
    .join('')
}

/** As latin1, with the line end of its last field. */
function headerOf(raw: Uint8Array): string {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const end = octets.indexOf('\r\n\r\n')
  return octets.toString('latin1', 0, end < 0 ? octets.length : end + 2)
}

type Target = { to: string; list?: MailingList; recipient: { prefix: Uint8Array } }

/** The account that sends for the group, or whoever was reached by the group's address. */
export function isFor({ list, to }: Target, group: MailingList): boolean {
  const parts = splitAddress(to)
  return list?.address === group.address || (parts && `${parts.local}@${parts.domain}`) === group.address
}

/** Members here read in their programs that it came by the group; their scripts see it too. */
export const withListFields = <T extends Target>(target: T, group: MailingList): T => ({
  ...target,
  recipient: { ...target.recipient, prefix: Buffer.concat([target.recipient.prefix, Buffer.from(listFields(group))]) },
})
