/** A conversation with one mechanism, as a protocol would have it: responses in, what was asked and what came of it out. */
import type { Accounts, Scope } from '#mailserver/accounts/port.ts'
import { converse, type Outcome } from '#mailserver/accounts/sasl/converse.ts'
import type { Channel } from '#mailserver/accounts/sasl/mechanism.ts'
import { mechanismOf } from '#mailserver/accounts/sasl/table.ts'

export type Spoken = { outcome: Outcome; challenges: string[] }
type Response = string | Buffer | ((challenge: Buffer) => string | Buffer)

export const b64 = (text: string | Buffer) => Buffer.from(text).toString('base64')

/**
 * @param initial text or octets, sent as base64; absent: none
 * @param responses text or octets, or a function of the challenge; sent as base64 unless `raw`
 */
export async function talk(
  accounts: Accounts,
  mechanism: string,
  {
    initial,
    responses = [],
    raw = false,
    scope = 'imap',
    channel,
    ip = '192.0.2.7',
  }: {
    initial?: string | Buffer
    responses?: Response[]
    raw?: boolean
    scope?: Scope
    channel?: Channel
    ip?: string
  } = {},
): Promise<Spoken> {
  const challenges: string[] = []
  const encode = (what: string | Buffer) => (raw ? what.toString() : b64(what))
  const left = [...responses]
  const outcome = await converse(
    mechanismOf(mechanism, channel, accounts)!,
    { accounts, from: { ip, scope }, ...(channel && { channel }) },
    {
      initial: initial === undefined ? undefined : encode(initial),
      async ask(challenge) {
        const octets = Buffer.from(challenge, 'base64')
        challenges.push(octets.toString('utf8'))
        const next = left.shift()
        if (next === undefined) throw new Error(`asked once more: ${octets.toString('utf8')}`)
        return encode(typeof next === 'function' ? next(octets) : next)
      },
    },
  )
  return { outcome, challenges }
}

/** "signed-in", "malformed", "cancelled", or the refusal's status. */
export const verdict = ({ outcome }: Spoken): string =>
  outcome.kind === 'refused' ? String(outcome.refusal.status) : outcome.kind
