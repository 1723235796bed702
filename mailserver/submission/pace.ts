/**
 * Ends sessions of SMTP and LMTP that keep a place without getting on. smtp-server ends those that are silent; an octet now and then
 * would keep the others for ever.
 */
import type { Socket } from 'node:net'
import { isOurs } from '#mailserver/sessions/connection.ts'

export type Pace = {
  /** milliseconds for a command to arrive, from the answer to the one before, or for STARTTLS to be done with */
  commandMs: number
  /** milliseconds for a message to arrive */
  messageMs: number
  /** milliseconds to sign in; absent where nobody does */
  signInMs?: number
}

/** Five minutes are what RFC 5321 §4.5.3.2.7 asks for; a message is 50 MB over a poor line. */
export const usualPace: Pace = { commandMs: 5 * 60_000, messageMs: 20 * 60_000 }

/** @param patience per cent of it that clients are given (`CONGSO_PATIENCE`) */
export const paceOf = (pace: Pace, patience = 100): Pace =>
  Object.fromEntries(Object.entries(pace).map(([name, ms]) => [name, (ms * patience) / 100])) as Pace

/** Looks in the shortest of these times. */
const looks = 8

/** Of smtp-server's connection, what tells how far it is. */
export type Paced = {
  remoteAddress: string
  remotePort?: number
  session: { user?: unknown }
  /** a command is being carried out */
  _handlerPending?: boolean
  /** TLS is being agreed on */
  _upgrading?: boolean
  /** a message is under way or being decided on */
  _dataStream?: unknown
  _parser: { _dataMode: boolean } | null
  _onCommand(command: Buffer, callback?: () => void): void
  send(code: number, text: string, context?: string | false): void
}

/** When its command or message began. */
type Step = { since: number; inMessage: boolean; began: number }

export class Pacer implements Disposable {
  readonly #pace: Pace
  readonly #steps = new Map<Paced, Step>()
  /** connections that have yet to agree on TLS, on a port under TLS from the start: nobody counts them among its sessions */
  readonly #shaking = new Map<string, { top: () => Socket; since: number }>()
  readonly #timer: NodeJS.Timeout

  constructor(pace: Pace) {
    this.#pace = pace
    this.#timer = setInterval(() => this.look(), Math.min(...Object.values(pace)) / looks).unref()
  }

  /**
   * A connection on a port under TLS, before it is a session.
   *
   * @param top the TLS connection on it, once there is one: what is below it must not be destroyed, it would take Node down
   */
  shake(socket: Socket, top: () => Socket): void {
    const key = keyOf(socket)
    this.#shaking.set(key, { top, since: performance.now() })
    socket.once('close', () => this.#shaking.delete(key))
  }

  /** `leave` follows when it has closed. */
  enter(connection: Paced): void {
    this.#shaking.delete(keyOf(connection))
    const now = performance.now()
    const step = { since: now, inMessage: false, began: now }
    this.#steps.set(connection, step)
    const onCommand = connection._onCommand.bind(connection)
    connection._onCommand = (command, callback) => {
      step.since = performance.now()
      onCommand(command, callback)
    }
  }

  leave(connection: Paced): void {
    this.#steps.delete(connection)
  }

  /** Those that have not signed in, from one address other than our own processes'. */
  strangersFrom(ip: string): number {
    if (isOurs(ip)) return 0
    let n = 0
    for (const { remoteAddress, session } of this.#steps.keys()) if (remoteAddress === ip && !session.user) n++
    return n
  }

  look(now = performance.now()): void {
    const { signInMs, commandMs } = this.#pace
    for (const { top, since } of [...this.#shaking.values()]) if (now - since > (signInMs ?? commandMs)) top().destroy()
    for (const [connection, step] of [...this.#steps]) {
      const inMessage = connection._parser?._dataMode ?? false
      if (waitsForUs(connection) || inMessage !== step.inMessage) step.since = now
      step.inMessage = inMessage
      const why = this.#why(connection, step, now)
      if (why === undefined) continue
      this.leave(connection)
      connection.send(421, `4.4.2 ${why}`)
    }
  }

  #why({ session }: Paced, { since, inMessage, began }: Step, now: number): string | undefined {
    const { commandMs, messageMs, signInMs } = this.#pace
    if (signInMs !== undefined && !session.user && now - began > signInMs)
      return 'Too slow to sign in / Dang nhap qua cham'
    if (!inMessage && now - since > commandMs) return 'The command takes too long / Lenh gui qua cham'
    if (inMessage && now - since > messageMs) return 'The message takes too long / Thu gui qua cham'
    return undefined
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

const keyOf = ({ remoteAddress, remotePort }: { remoteAddress?: string; remotePort?: number }): string =>
  `${remoteAddress} ${remotePort}`

const waitsForUs = ({ _handlerPending, _upgrading, _dataStream, _parser }: Paced): boolean =>
  !_upgrading && (_handlerPending === true || (Boolean(_dataStream) && !_parser?._dataMode))
