/**
 * Asks rspamd about a letter (https://docs.rspamd.com/developers/protocol). Unscanned mail never passes: a scanner that is down, slow
 * or speaks nonsense makes the sender try again.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { subsystem } from '#kit/log.ts'
import type { Refused } from '#mailserver/edge/policy/answer.ts'
import type { ScanResult } from '#mailserver/edge/policy/verdict.ts'

const log = subsystem('edge')

const PATIENCE_MS = 25_000
/** Symbols and links of a letter; a proper answer has some 5 KB. */
const MAX_ANSWER = 4 * 1024 * 1024

export type Scanned = {
  from: string
  to: readonly string[]
  helo: string
  /** of the client, from the reverse lookup */
  host: string | undefined
  ip: string
  ref: string
  tls: { version: string; name: string } | undefined
  /** the message, in pieces */
  pieces: () => AsyncIterable<Buffer>
}

const unscanned: Refused = {
  kind: 'later',
  code: 450,
  detail: '7.1',
  text: 'Cannot check mail for spam now, try later / Chua kiem tra duoc thu rac, hay gui lai sau',
}

export class Scanner {
  readonly #port: number
  readonly #patienceMs: number
  readonly #agent = new Agent({ keepAlive: true })

  constructor({ port, patienceMs = PATIENCE_MS }: { port: number; patienceMs?: number }) {
    this.#port = port
    this.#patienceMs = patienceMs
  }

  /** Does not reject. @returns what was found, or the refusal that follows from it */
  async scan(mail: Scanned): Promise<{ found: ScanResult } | { refused: Refused }> {
    try {
      const found = read(await this.#ask(mail))
      const refused = refusalOf(found)
      if (!refused) return { found }
      log.info(
        { ref: mail.ref, ip: mail.ip, from: mail.from, action: found.action, score: found.score },
        'refused by the scanner',
      )
      return { refused }
    } catch (err) {
      log.warn({ err, ref: mail.ref }, 'not scanned, the sender will try again')
      return { refused: unscanned }
    }
  }

  async #ask(mail: Scanned): Promise<string> {
    const sent = request({
      host: '127.0.0.1',
      port: this.#port,
      path: '/checkv2',
      method: 'POST',
      agent: this.#agent,
      headers: headersOf(mail),
    })
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${this.#patienceMs} ms`)), this.#patienceMs)
    try {
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        sent.once('response', resolve)
        sent.on('error', reject)
      })
      const [response] = await Promise.all([answered, pipeline(mail.pieces(), sent)])
      return await textOf(response)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** @throws Error when it is not all there, or not a good answer */
async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER) throw new Error(`the scanner's answer is larger than ${MAX_ANSWER} octets`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (response.statusCode !== 200) throw new Error(`the scanner answered ${response.statusCode}: ${text.slice(0, 200)}`)
  return text
}

function headersOf({ from, to, helo, host, ip, ref, tls }: Scanned): Record<string, string | string[]> {
  return {
    IP: ip,
    ...(helo && { Helo: octets(helo) }),
    ...(host !== undefined && { Hostname: host }),
    ...(from && { From: octets(from) }),
    Rcpt: to.map(octets),
    ...(to.length === 1 && { 'Deliver-To': octets(to[0]!) }),
    'Queue-Id': ref,
    ...(tls && { 'TLS-Cipher': tls.name, 'TLS-Version': tls.version }),
  }
}

/** Node wants a header's octets as characters up to U+00FF. Control characters were refused in MAIL, RCPT and EHLO. */
const octets = (text: string): string => Buffer.from(text).toString('latin1')

type Answered = ScanResult & { action: string; messages?: unknown }

/** @throws Error when it is no answer of rspamd's */
function read(text: string): Answered {
  const answer = JSON.parse(text) as Partial<Answered> | null
  if (typeof answer !== 'object' || answer === null || typeof answer.action !== 'string')
    throw new Error(`the scanner's answer names no action: ${text.slice(0, 200)}`)
  return answer as Answered
}

function refusalOf({ action, messages }: Answered): Refused | undefined {
  if (action === 'reject')
    return {
      kind: 'refuse',
      code: 550,
      detail: '7.1',
      text: said(messages) ?? 'Refused as spam / Thu bi tu choi vi la thu rac',
    }
  if (action === 'soft reject')
    return { kind: 'later', code: 451, detail: '7.1', text: said(messages) ?? 'Try again later / Hay gui lai sau' }
  return undefined
}

/** A rule may have its own words for the sender. */
function said(messages: unknown): string | undefined {
  const text = (messages as { smtp_message?: unknown } | null | undefined)?.smtp_message
  return typeof text === 'string' && text !== '' ? text.replaceAll(/[^ -~]/g, '?').slice(0, 400) : undefined
}
