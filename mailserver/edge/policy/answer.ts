/** What the edge says to a sender. `detail` is the enhanced status code without its class (RFC 3463): "1.1" of 5.1.1. */
export type Answer =
  | { kind: 'accept'; text: string }
  | { kind: 'refuse' | 'later'; code: number; detail: string; text: string }

/** The world is broken: the sender keeps the mail and tries again. */
export const later: Answer = {
  kind: 'later',
  code: 450,
  detail: '3.0',
  text: 'Cannot take mail now, try later / Tam thoi chua nhan duoc, hay gui lai sau',
}
