/** Every listener of the suite. */
import { control } from './listeners/control.ts'
import { desk, metrics, portal, sink } from './listeners/http.ts'
import { imap, imaps } from './listeners/imap.ts'
import { pop3, pop3s } from './listeners/pop3.ts'
import { sieve } from './listeners/sieve.ts'
import { edge, lmtp, sinkSmtp, submission, submissions } from './listeners/smtp.ts'

export const targets = [
  ...[imap, imaps, pop3, pop3s, sieve, submission, submissions],
  ...[lmtp, edge, sinkSmtp, portal, desk, sink, metrics, control],
]
