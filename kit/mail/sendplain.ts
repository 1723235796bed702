import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { Refusal } from '#kit/refusal.ts'

const patienceMs = 30_000

/** Sends without signing in, as a stranger's server does. @throws Refusal 422 with the server's own words when it refuses */
export async function sendPlain(given: {
  host: string
  port: number
  from: string
  to: readonly string[]
  raw: Uint8Array
}): Promise<void> {
  const connection = new SMTPConnection({
    host: given.host,
    port: given.port,
    ignoreTLS: true,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    name: 'outside.example',
    logger: false,
  })
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject)
      connection.connect((err) => {
        if (err) return reject(err)
        connection.send({ from: given.from, to: [...given.to] }, Buffer.from(given.raw), (failed) =>
          failed ? reject(failed) : resolve(),
        )
      })
    })
  } catch (err) {
    const said = (err as { response?: string }).response
    throw new Refusal(
      said ? 422 : 503,
      said ? `Máy chủ trả lời: ${said}` : 'Chưa gửi được: máy chủ nhận thư chưa trả lời. Thử lại sau ít phút.',
      'the edge refused or is away',
      { cause: err },
    )
  } finally {
    connection.close()
  }
}
