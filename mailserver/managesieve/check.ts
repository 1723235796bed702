/** A script that a client sends: sound, or what is wrong with it, each fault on a line. */

import type { ScriptRefusal } from '#mailserver/accounts/scripts.ts'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { tellFault } from '#mailserver/sieve/parse/fault.ts'
import { decodeScript } from '#mailserver/sieve/parse/grammar.ts'
import { no, type Reply, sentences } from './reply.ts'

export function readScript({ octets, tooLarge }: { octets: Buffer; tooLarge: boolean }): { text: string } | Reply {
  if (tooLarge || octets.length > MAX_SCRIPT_OCTETS) return no(sentences.tooLarge, 'QUOTA/MAXSIZE')
  const checked = checkScript(octets)
  return 'faults' in checked ? no(checked.faults.map(tellFault).join('\r\n')) : { text: decodeScript(octets) }
}

const said: Record<ScriptRefusal, Reply> = {
  missing: no(sentences.missing, 'NONEXISTENT'),
  exists: no(sentences.exists, 'ALREADYEXISTS'),
  active: no(sentences.active, 'ACTIVE'),
  'bad-name': no(sentences.badName),
  'too-many': no(sentences.tooMany, 'QUOTA/MAXSCRIPTS'),
  'too-much': no(sentences.tooMuch, 'QUOTA'),
}
export const refusal = (why: ScriptRefusal): Reply => said[why]
