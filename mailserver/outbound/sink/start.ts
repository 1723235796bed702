/**
 * The outside world of a local start: takes every message that the suite sends to other domains, keeps it, and shows
 * it on a page. From there one can also write into the suite as somebody from outside. Never runs in production.
 */
import { SMTPServer } from 'smtp-server'
import { paths, ports, type Settings } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { createApp } from '#kit/web/app.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import { refusal } from '#mailserver/outbound/sink/refuses.ts'
import { sinkRouter } from '#mailserver/outbound/sink/router.ts'
import { Letters } from '#mailserver/outbound/sink/store/letters.ts'

const log = subsystem('sink')

export async function startSink({ settings }: { settings: Settings }): Promise<AsyncDisposable | { off: string }> {
  if (settings.mode === 'production') return { off: 'chỉ có khi chạy thử trên một máy' }
  const at = ports(settings.portBase)
  await using stack = new AsyncDisposableStack()
  const letters = stack.use(new Letters(`${paths(settings.data).sink}/letters.sqlite`))
  const smtp = takeMail(letters, settings.maxMessageMb * 1024 * 1024)
  await new Promise<void>((resolve, reject) => {
    smtp.once('error', reject)
    smtp.listen(at.sinkSmtp, settings.listen, () => resolve())
  })
  smtp.on('error', (err) => log.warn({ err }, 'SMTP connection failed'))
  stack.defer(() => new Promise<void>((resolve) => smtp.close(() => resolve())))
  const app = createApp({ name: 'sink', layout: 'plain' })
  app.use(sinkRouter(letters, { host: settings.listen, port: at.smtp }))
  stack.use(await app.listen(settings.listen, at.sinkPage))
  return stack.move()
}

function takeMail(letters: Letters, mostBytes: number): SMTPServer {
  return new SMTPServer({
    name: 'sink.example',
    banner: 'hop thu ben ngoai (gia lap)',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: mostBytes,
    disableReverseLookup: true,
    logger: false,
    // 40 ms of delayed ACK for each message otherwise
    ...({ noDelay: true } as object),
    onRcptTo({ address }, _session, done) {
      done(refusal(address))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('error', done)
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('5.3.4 too large'), { responseCode: 552 }))
        try {
          const raw = Buffer.concat(chunks)
          const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : ''
          const to = session.envelope.rcptTo.map((r) => r.address)
          const id = letters.keep({ from, to, subject: indexMessage(raw).subject, raw })
          log.info({ id, from, to, octets: raw.length }, 'taken')
          done(null, `OK taken as ${id}`)
        } catch (err) {
          log.error({ err }, 'not kept')
          done(Object.assign(new Error('4.3.0 not kept, try again'), { responseCode: 451 }))
        }
      })
    },
  })
}
