import type { Log } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import { replies } from '#mailserver/control/replies.ts'
import { SmtpReply } from './recipients.ts'

/** The one place where an error becomes a reply. What is neither a refusal nor a reply is ours: 45x, logged loudly. */
export function replyOf(err: unknown, log: Log): Error {
  if (err instanceof SmtpReply) return err
  // The client hung up in the middle of its message: nothing was kept, and nobody is there to hear it.
  if ((err as { code?: string }).code === 'ECONNECTION') return err as Error
  if (!(err instanceof Refusal)) return ours(err, log, 'submission failed')
  log.info({ why: err.message, cause: err.cause }, 'refused')
  return new SmtpReply(554, err.message.replaceAll(/[^\x20-\x7e]/g, '?'))
}

/** Nothing was kept: the client tries again. Why the disk's room is said apart: who reads it calls the administrator. */
export function ours(err: unknown, log: Log, what: string): SmtpReply {
  if (!isDiskFull(err)) {
    log.error({ err }, what)
    return new SmtpReply(451, '4.3.0 Cannot take it now, try later / May chu dang ban, vui long thu lai sau')
  }
  log.error({ why: (err as Error).message }, `${what}: the disk is full`)
  const { code, message } = replies.diskFull
  return new SmtpReply(code, message)
}

/** For a sign-in: who sent the right password (403) may know why it does not help, others only that it does not. */
export function signInReply(refusal: Refusal): SmtpReply {
  if (refusal.status === 429)
    return new SmtpReply(454, '4.7.0 Too many failed sign-ins, wait / Dang nhap sai qua nhieu lan, vui long doi')
  // RFC 4954 §6: not 535, or programs ask their user for another password
  if (refusal.status === 503)
    return new SmtpReply(454, `4.7.0 ${ascii(refusal.message)} / ${ascii(withoutMarks(refusal.advice))}`)
  if (refusal.status === 403)
    return new SmtpReply(535, `5.7.8 ${ascii(refusal.message)} / ${ascii(withoutMarks(refusal.advice))}`)
  return new SmtpReply(535, '5.7.8 Wrong address or password / Sai dia chi hoac mat khau')
}

const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?')
/** Replies are ASCII to clients that did not ask for SMTPUTF8 (RFC 6531 §3.7.4.1). */
const withoutMarks = (text: string) =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').replaceAll(/[«»]/g, '"')
