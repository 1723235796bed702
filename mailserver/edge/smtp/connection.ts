import type { Socket } from 'node:net'
import type { SMTPServer, SMTPServerSession } from 'smtp-server'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { subsystem } from '#kit/log.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'
import { tooLarge } from '#mailserver/edge/policy/answer.ts'
import { bracketed, isMailbox, written } from './address.ts'
import { Letter } from './letter.ts'
import { Octets } from './octets.ts'

const log = subsystem('edge')

/** A sender that does not stop at the limit is read on for so much, to hear the refusal; then it is not listened to. */
const PATIENCE = 2

/** Refusals of one session; an honest sender has some unknown recipients, who tries names from a list has thousands. */
const MOST_REFUSALS = 100

export type Serving = {
  /** where letters lie that are too large for memory */
  spool: string
  /** octets of the largest letter */
  most: number
  /** @returns whether one more from this address may stay; `leave` follows in both cases */
  enter(ip: string): boolean
  leave(ip: string): void
  /** At the end of DATA. Must not reject. */
  accept(letter: Letter, session: SMTPServerSession): Promise<Answer>
}

/** smtp-server's connection with our own way to take DATA, and enhanced status codes in every reply (RFC 2034). */
export class EdgeConnection extends SMTPConnection {
  readonly #serving: Serving
  #counted = false
  #refusals = 0
  #letter: Letter | undefined
  #deciding: Promise<void> | undefined

  constructor(server: SMTPServer, socket: Socket, options: SMTPConnectionOptions, serving: Serving) {
    super(server, socket, options)
    this.#serving = serving
  }

  /** The decision that is under way: it ends with a commit, of which the client is to hear. */
  get deciding(): Promise<void> | undefined {
    return this.#deciding
  }

  /** Greets at once: a wait would keep every honest sender too. smtp-server sends away who has spoken before (RFC 5321 §4.3.1). */
  override init(): void {
    this._setListeners(() => {
      this.#counted = true
      if (this.#serving.enter(this.remoteAddress)) return this.connectionReady()
      this.send(421, '4.3.2 Too many connections, try later / Qua nhieu ket noi')
    })
  }

  override _onClose(): void {
    if (this.#counted) this.#serving.leave(this.remoteAddress)
    this.#counted = false
    if (!this.#deciding) this.#drop()
    super._onClose()
    this.emit('gone')
  }

  override _createParser(): Octets {
    const parser = new Octets((commands) => {
      for (let n = 0; n < commands; n++) this.send(503, '5.5.1 Wait for the answer to DATA / Hay doi tra loi DATA')
    })
    parser.oncommand = (command, callback) => this._onCommand(command, callback)
    parser.on('error', (err) => {
      if (Octets.tooLong(err)) return this.#breakOff(500, '5.5.2 Line is too long / Dong lenh qua dai')
      log.error({ err, ref: this.id }, 'reading failed, the sender will try again')
      this.#breakOff(421, '4.3.0 Try later / Hay gui lai sau')
    })
    return parser
  }

  /** Our own texts begin with their code. */
  override send(code: number, text?: string | string[] | null, context?: string | false): void {
    if (code >= 500 && ++this.#refusals > MOST_REFUSALS) this.#breakOff(421, '4.7.0 Too many errors / Qua nhieu loi')
    else super.send(code, text, typeof text === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(text) ? false : context)
  }

  override _parseAddressCommand(name: string, command: Buffer | string) {
    const line = bracketed(command.toString())
    const parsed = super._parseAddressCommand(name, line)
    if (!parsed || parsed.address === '') return parsed
    return isMailbox(parsed.address) ? { ...parsed, address: written(line) } : false
  }

  override handler_DATA(command: Buffer, callback: () => void): void {
    const parser = this._parser
    if (command.toString().trim().length > 4) this.send(501, '5.5.4 DATA has no arguments')
    else if (this.session.envelope.rcptTo.length === 0) this.send(503, '5.5.1 RCPT first / Chua co nguoi nhan')
    else if (parser instanceof Octets) this.#startData(parser)
    callback()
  }

  #startData(parser: Octets): void {
    const letter = new Letter({ folder: this.#serving.spool, most: this.#serving.most })
    this.#letter = letter
    parser.startData({
      take: (octets) => {
        if (letter.size <= this.#serving.most * PATIENCE) return letter.take(octets)
        this.#breakOff(tooLarge.code, textOf(tooLarge))
        return undefined
      },
      ended: () => {
        if (this.#letter !== letter) return // dropped: the client has gone, or was sent away, while the last octets were written
        this._handlerPending = true // a client that waits for our answer is not idle
        this.#deciding = this.#decide(letter, parser)
          .catch((err: unknown) => {
            log.error({ err, ref: this.id }, 'answering failed, the sender will try again')
            this.#breakOff(421, '4.3.0 Try later / Hay gui lai sau')
          })
          .finally(() => {
            this.#deciding = undefined
          })
      },
      bareLineFeed: () =>
        this.#breakOff(
          550,
          '5.5.2 Line feed without carriage return (RFC 5321 section 2.3.8) / Thu co dong ket thuc sai',
        ),
    })
    this.send(354, 'End data with <CR><LF>.<CR><LF>')
  }

  async #decide(letter: Letter, parser: Octets): Promise<void> {
    const answer = await this.#serving.accept(letter, this.session)
    this.#drop()
    this._handlerPending = false
    this.send(answer.kind === 'accept' ? 250 : answer.code, textOf(answer))
    this._transactionCounter++
    this._unrecognizedCommands = 0
    this._resetSession()
    if (this._parser !== parser || parser.resume()) return
    log.info({ ref: this.id, ip: this.remoteAddress }, 'cut off: commands before the answer to DATA')
    this.close()
  }

  /** The session is over: what the client still sends is not read. */
  #breakOff(code: number, text: string): void {
    log.info({ ref: this.id, ip: this.remoteAddress, code, text }, 'session ended')
    this.#drop()
    this.send(code, text)
    this.close()
  }

  #drop(): void {
    const letter = this.#letter
    this.#letter = undefined
    letter?.[Symbol.asyncDispose]().catch((err: unknown) =>
      log.error({ err }, 'spool file is left behind until the next start'),
    )
  }
}

/** Enhanced status code and words. */
export function textOf(answer: Answer): string {
  if (answer.kind === 'accept') return answer.text
  return `${answer.kind === 'later' ? 4 : 5}.${answer.detail} ${answer.text}`
}
