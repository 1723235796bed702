import { maxResponse } from '#mailserver/accounts/sasl/converse.ts'

/** Every limit of the POP3 service that IMAP does not share (those are in sessions/limits.ts), with its reason. */

/** Octets of one answer in a SASL exchange; the mechanisms' own limit. */
export const maxSaslLine = maxResponse
/** Octets of one command. RFC 2449 §4 says 255, but clients send AUTH with a token on one line all the same. Beyond: -ERR and the end. */
export const maxLine = maxSaslLine + 64
/** Milliseconds without traffic, RFC 1939 §3: 10 minutes at least. */
export const idleMs = 10 * 60_000
/** Commands refused in a row, then the end: it is no POP3 client, or one that loops. */
export const maxRefusedInARow = 50
/** Lines of LIST and UIDL between two looks at whether others wait. */
export const linesTogether = 500
