/** What the edge says to a sender. `detail` is the enhanced status code without its class (RFC 3463): "1.1" of 5.1.1. */
export type Answer = { kind: 'accept'; text: string } | Refused
export type Refused = { kind: 'refuse' | 'later'; code: number; detail: string; text: string }

/** The world is broken: the sender keeps the mail and tries again. */
export const later: Refused = {
  kind: 'later',
  code: 450,
  detail: '3.0',
  text: 'Cannot take mail now, try later / Tam thoi chua nhan duoc, hay gui lai sau',
}

export const diskFull: Refused = {
  kind: 'later',
  code: 452,
  detail: '3.1',
  text: 'Disk is full, try later / O dia may chu da day, vui long gui lai sau',
}

export const tooLarge: Refused = {
  kind: 'refuse',
  code: 552,
  detail: '3.4',
  text: 'Message is too large / Thu qua lon',
}
