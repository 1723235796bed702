/** The little of Haraka that we touch. Policy knows none of it; plugins adapt, and only here is a callback answered. */
import { subsystem } from '#kit/log.ts'
import type { HarakaClient } from '#mailserver/edge/plugins/sockets.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'
import { later } from '#mailserver/edge/policy/answer.ts'

export type Next = (code?: number, message?: unknown) => void
export type HarakaAddress = { address: string; isNull?: () => boolean; original?: string }
export type Transaction = {
  uuid: string
  mail_from: HarakaAddress
  rcpt_to: HarakaAddress[]
  /** of the message, headers included */
  data_bytes: number
  notes: Record<string, unknown>
  results: { get(plugin: string): Record<string, unknown> | undefined }
  message_stream: {
    get_data(callback: (data: Buffer) => void): void
    /** true once it has a file of its own */
    spooling: boolean
    destroy(): void
  }
  remove_header(name: string): void
}
export type Connection = {
  transaction?: Transaction
  remote: { ip: string }
  hello: { host?: string }
  client: HarakaClient
  tls: { enabled: boolean }
}
export type Plugin = { register_hook(hook: string, method: string, priority?: number): void; [method: string]: unknown }

/** Haraka's `tls_socket`: options by host name, read afresh for every STARTTLS; "*" are those of who asks for no other. */
export type TlsSockets = {
  certsByHost: { get(path: string): unknown; set(path: string, value: unknown): void }
}

/** Constants and the DSN maker live inside Haraka's own modules; the shim passes them in. */
export type Haraka = {
  OK: number
  DENY: number
  DENYSOFT: number
  DENYSOFTDISCONNECT: number
  tls: TlsSockets
  dsn: { create(code: number, text: string, subject: number, detail: number): unknown }
  lines: Lines
}

/** Haraka's way to find the end of a line: the place of LF, or -1 when it is not among the first `most` octets. */
export type Lines = { indexOfLF(data: Buffer, most?: number): number }

/** Haraka looks at each octet in JavaScript, and at all of a message in that way. */
export function findLinesFast(lines: Lines): void {
  lines.indexOfLF = (data, most) => (most && data.length > most ? data.subarray(0, most) : data).indexOf(0x0a)
}

const log = subsystem('edge')

/**
 * Runs a decision and answers once. A plugin that throws counts in Haraka as "no opinion" and the mail is accepted; here it
 * is "try later", always.
 */
export function answering(haraka: Haraka, next: Next, connection: Connection, decide: () => Promise<Answer>): void {
  // Promise.try: what is thrown before the first await is caught as well
  Promise.try(decide)
    .catch((err: unknown): Answer => {
      log.error({ err, ref: connection.transaction?.uuid }, 'decision failed, the sender will try again')
      return later
    })
    .then((answer) => {
      if (answer.kind === 'accept') return next(haraka.OK, answer.text)
      const [subject, detail] = answer.detail.split('.').map(Number)
      next(
        answer.kind === 'later' ? haraka.DENYSOFT : haraka.DENY,
        haraka.dsn.create(answer.code, answer.text, subject!, detail!),
      )
    })
    .catch((err: unknown) => log.fatal({ err }, 'answering failed'))
}
