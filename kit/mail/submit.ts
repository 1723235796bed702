import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MailAccess } from '#kit/mail/connection.ts'
import { tlsOptions } from '#kit/mail/connection.ts'
import { Refusal } from '#kit/refusal.ts'

/** A browser waits for this: a server of ours that is silent longer is down, and the caller repeats. */
const SILENCE_MS = 30_000

export type Submission = {
  from: string
  to: readonly string[]
  /** whole message, as `compose` makes it */
  raw: Uint8Array
}
export type RecipientRefusal = { to: string; code: number; message: string }
/** `reply` is the server's 250 line; at least one recipient was accepted. */
export type Submitted = { accepted: readonly string[]; refused: readonly RecipientRefusal[]; reply: string }

/**
 * Sends one message through submission and resolves after the server's 250, when the message would survive a power
 * cut. Repeating the same octets is harmless: the server knows them again for three days (store port, `submit`).
 *
 * @throws Refusal the server refused for good (5xx): the advice can be shown to the person
 * @throws Refusal 401 the token ended; 503 refused for now (4xx)
 * @throws Error the connection failed: whether the message was taken is not known, repeat it
 */
export async function submit(access: MailAccess, mail: Submission): Promise<Submitted> {
  const connection = new SMTPConnection({
    host: access.host,
    port: access.port,
    secure: access.tls !== 'none' && access.tls.at === 'connect',
    requireTLS: access.tls !== 'none',
    ignoreTLS: access.tls === 'none',
    tls: tlsOptions(access.tls),
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    name: 'congso.invalid',
    logger: false,
  })
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {}) // it may fail after the answer was given, when nobody waits any more
  connection.on('error', broken.reject)
  connection.once('end', () => broken.reject(new Error('submission connection ended')))
  const step = <T>(run: (done: (err?: Error | null, value?: T) => void) => void): Promise<T> =>
    Promise.race([
      broken.promise,
      new Promise<T>((resolve, reject) => run((err, value) => (err ? reject(err) : resolve(value as T)))),
    ])
  try {
    await step<void>((done) => connection.connect(done))
    await step<void>((done) => connection.login({ user: access.user, pass: access.token }, (err) => done(err)))
    const info = await step<SMTPConnection.SentMessageInfo>((done) =>
      connection.send(
        { from: mail.from, to: [...mail.to], size: mail.raw.byteLength, use8BitMime: true },
        Buffer.from(mail.raw.buffer, mail.raw.byteOffset, mail.raw.byteLength),
        done,
      ),
    )
    return { accepted: info.accepted, refused: (info.rejectedErrors ?? []).map(recipientRefusal), reply: info.response }
  } catch (err) {
    throw translated(err as SMTPConnection.SMTPError, mail)
  } finally {
    connection.quit()
    connection.close()
  }
}

type SmtpError = Error & {
  code?: string
  responseCode?: number
  response?: string
  recipient?: string
  rejectedErrors?: SmtpError[]
}

function recipientRefusal(err: SmtpError): RecipientRefusal {
  return { to: err.recipient ?? '', code: err.responseCode ?? 0, message: err.response ?? err.message }
}

function translated(err: SmtpError, mail: Submission): Error {
  const first = err.rejectedErrors?.[0] ?? err
  const code = first.responseCode
  if (code === undefined) return new Error(`submission of ${mail.raw.byteLength} octets failed`, { cause: err })
  const why = `submission refused: ${first.response ?? first.message}`
  if (err.code === 'EAUTH') return new Refusal(401, 'Phiên làm việc đã hết. Đăng nhập lại để gửi.', why, { cause: err })
  if (code < 500)
    return new Refusal(503, 'Chưa gửi được thư vì máy chủ đang bận. Thử lại sau ít phút.', why, { cause: err })
  if (code === 552) return new Refusal(413, 'Thư lớn hơn mức cho phép, hoặc hộp thư nhận đã đầy.', why, { cause: err })
  const who = first.recipient
  if (who) return new Refusal(422, `Không gửi được tới ${who}. Kiểm tra lại địa chỉ này.`, why, { cause: err })
  return new Refusal(422, 'Máy chủ không nhận thư này. Kiểm tra lại người gửi và người nhận.', why, { cause: err })
}
