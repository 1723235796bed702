import { createHash, randomUUID } from 'node:crypto'
import type { Directory } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { peekHeader, values } from '#kit/message/header.ts'
import { crashPoint } from '#kit/process/crash.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'
import { later } from '#mailserver/edge/policy/answer.ts'
import type { Authentication } from '#mailserver/edge/policy/authenticate.ts'
import type { OriginCheck } from '#mailserver/edge/policy/spoof.ts'
import type { ScanResult } from '#mailserver/edge/policy/verdict.ts'
import { verdictOf } from '#mailserver/edge/policy/verdict.ts'

const log = subsystem('edge')

export type Incoming = {
  /** '' for a bounce */
  from: string
  to: readonly string[]
  raw: Buffer
  helo: string
  ip: string
  scan: ScanResult | undefined
  /** the reference in the SMTP reply */
  ref: string
}

export type Means = {
  directory: Pick<Directory, 'handover'>
  origins: OriginCheck
  /** undefined where there is no DNS to ask */
  authentication: Authentication | undefined
}

/**
 * At the end of DATA: hands the mail over to the mail server and answers after its commit. Anything temporary, for any one
 * recipient, is answered "later": the retry is known by its hand-over id, and who has the mail already does not get it twice.
 *
 * @throws whatever the directory throws: the caller answers "later"
 */
export async function acceptMail(
  { directory, origins, authentication }: Means,
  mail: Incoming,
  now: number,
): Promise<Answer> {
  const fields = peekHeader(mail.raw)
  const origin = await origins.judge(mail.raw, fields, now)
  if (origin === 'forged') {
    log.warn({ ref: mail.ref, from: mail.from, ip: mail.ip }, 'refused: From is one of our domains without our seal')
    return {
      kind: 'refuse',
      code: 550,
      detail: '7.1',
      text: 'From is one of our domains, and the mail is not / Thu mao danh dia chi cua co quan',
    }
  }
  const verdict = verdictOf(mail.scan)
  const authenticated = await authentication?.check(mail)
  const spam = verdict.spam || origin === 'broken' || authenticated?.deceives === true
  const trace = [
    authenticated?.headers ?? '',
    `X-Spam-Status: ${verdict.header}\r\n`,
    origin === 'broken' ? 'X-CongSo-Origin: seal does not hold\r\n' : '',
  ].join('')
  crashPoint('edge.beforeHandover')
  const { results } = await directory.handover({
    from: mail.from,
    to: [...new Map(mail.to.map((a) => [a.normalize('NFC').toLowerCase(), a])).values()],
    raw: Buffer.concat([Buffer.from(trace), mail.raw]),
    spam,
    id: handoverId(mail, fields),
    helo: mail.helo.slice(0, 300),
    ip: mail.ip,
  })
  crashPoint('edge.afterHandover')
  const refused = results.filter((r) => !r.ok)
  log.info(
    { ref: mail.ref, from: mail.from, to: results.length, refused: refused.length, spam, octets: mail.raw.length },
    'handed over',
  )
  const first = refused[0]
  if (!first) return { kind: 'accept', text: '2.0.0 Taken' }
  // when all are refused, for good or for now, the sender hears why; a mixture is tried again, and RCPT then names the one that is refused
  const kindOf = ({ code }: { code: number }) => (code < 500 ? 'later' : 'refuse')
  const kind = kindOf(first)
  if (refused.length < results.length || refused.some((r) => kindOf(r) !== kind)) return later
  const m = /^[245]\.(\d{1,3}\.\d{1,3}) (.*)$/s.exec(first.message)
  return { kind, code: first.code, detail: m?.[1] ?? '0.0', text: m?.[2] ?? first.message }
}

/**
 * The same mail sent again after an unheard answer: Received lines and rspamd's headers differ, these do not. Machines that give no
 * Message-ID send many letters with the same words, told apart by date and subject; where there is no date either, two of
 * them cannot be known for one, and rather lie there twice than get lost.
 */
export function handoverId({ from, raw }: { from: string; raw: Buffer }, header = peekHeader(raw)): string {
  const fields = ['Message-ID', 'Date', 'Subject', 'From', 'To'].map((name) => values(header, name))
  if (fields[0]!.length === 0 && fields[1]!.length === 0) return randomUUID()
  const crlf = raw.indexOf('\r\n\r\n')
  const body = crlf < 0 ? raw : raw.subarray(crlf + 4)
  return createHash('sha256')
    .update(JSON.stringify([from, fields]))
    .update(body)
    .digest('hex')
}
