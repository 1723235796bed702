/**
 * Fields that hold nothing but signatures and codes: hundreds of words that occur once in the world, in every message from outside. The
 * full-text index does not take them, and TEXT does not look into them; HEADER does, message by message.
 */
const names = [
  'dkim-signature',
  'arc-seal',
  'arc-message-signature',
  'x-google-dkim-signature',
  'x-gm-message-state',
  'x-gm-gg',
  'x-microsoft-antispam-message-info',
  'x-ms-exchange-antispam-messagedata-0',
  'x-ms-exchange-crosstenant-userprincipalname',
]
const lines = new RegExp(`^(?:${names.join('|')}):.*\\n?`, 'gim')

export const isOpaque = (name: string): boolean => names.includes(name.toLowerCase())

/** Header lines, folded or not, without those fields. */
export const indexedHeader = (header: string): string => header.replaceAll(lines, '')
