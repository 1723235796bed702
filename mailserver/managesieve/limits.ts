/** Limits of ManageSieve alone; those that it shares are in sessions/limits.ts, those of scripts in sieve/limits.ts and accounts/scripts.ts. */
import { maxResponse } from '#mailserver/accounts/sasl/converse.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'

/** Octets of one line: a SASL response in quotes is the longest thing that is no literal. */
export const maxLine = maxResponse + 1024
/** Octets of a literal that is read into memory: a script, with one octet to see that it is too long. */
export const maxLiteral = MAX_SCRIPT_OCTETS + 1
/** A literal announced as larger is not even read past: the client is told so and the connection ends. */
export const maxSkipped = 64 * 1024 * 1024
/** Octets of a literal from somebody who has not signed in: the mechanisms' own limit. */
export const maxLiteralBeforeLogin = maxResponse
/** Pieces of one command: RENAMESCRIPT takes two strings, and both may be literals. */
export const maxArguments = 4
/** Milliseconds without traffic, RFC 5804 §1.2: 30 minutes at least. */
export const idleMs = 30 * 60_000
/** Milliseconds that a command may take to arrive, so that a literal that trickles in does not hold its octets for ever. */
export const commandMs = 2 * 60_000
/** Commands refused in a row, then the end: it is no ManageSieve client, or one that loops. */
export const maxRefusedInARow = 30
