/**
 * ManageSieve for the session threads (RFC 5804): a person's scripts, listed, read, checked, put and made active. The scripts are the
 * accounts' (`accounts/scripts.ts`), their meaning is `sieve/`'s. Never happens here: a script that is kept and not sound.
 */
import type { Protocol } from '#mailserver/sessions/session.ts'
import { bye, sentences, writeReply } from './reply.ts'
import { Session } from './session.ts'

export function managesieve(): Protocol {
  return {
    name: 'sieve',
    full: `${writeReply(bye(sentences.full, 'TRYLATER'))}\r\n`,
    open: (client, shared) => new Session(shared, client),
  }
}
