/** An official with an ordinary mail program: IMAP to read, submission to answer, nothing of ours in between. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { until } from '#test/until.ts'
import { password } from './staff.ts'

export type Letter = {
  uid: number
  subject: string
  messageId: string
  replyTo: string
  text: string
}

export class MailProgram implements AsyncDisposable {
  readonly address: string
  readonly #imap: ImapFlow
  readonly #smtpPort: number

  private constructor(address: string, imap: ImapFlow, smtpPort: number) {
    this.address = address
    this.#imap = imap
    this.#smtpPort = smtpPort
  }

  static async open(address: string, at: { imap: number; submission: number }): Promise<MailProgram> {
    const imap = new ImapFlow({
      host: '127.0.0.1',
      port: at.imap,
      secure: false,
      doSTARTTLS: true,
      tls: { rejectUnauthorized: false }, // the suite's own certificate, as a person accepts it once
      auth: { user: address, pass: password },
      logger: false,
    })
    imap.on('error', () => undefined) // the server is killed in some stories; the next command says so
    await imap.connect()
    return new MailProgram(address, imap, at.submission)
  }

  /** The newest letter in the folder whose subject has these words; waits for it, and for one newer than `after`. */
  async letter(folder: string, words: string, after = 0): Promise<Letter> {
    return until(`a letter “${words}” in ${folder} of ${this.address}`, async () => {
      const lock = await this.#imap.getMailboxLock(folder)
      try {
        await this.#imap.noop()
        const all = await this.#imap.fetchAll('1:*', { uid: true, envelope: true })
        const found = all.filter((m) => m.uid > after && m.envelope?.subject?.includes(words)).at(-1)
        if (!found) return undefined
        const text = await this.#imap.download(found.uid, '1.1', { uid: true })
        const chunks: Buffer[] = []
        for await (const chunk of text.content ?? []) chunks.push(chunk as Buffer)
        return {
          uid: found.uid,
          subject: found.envelope!.subject!,
          messageId: found.envelope!.messageId!,
          replyTo: found.envelope!.replyTo?.[0]?.address ?? '',
          text: Buffer.concat(chunks).toString(),
        }
      } finally {
        lock.release()
      }
    })
  }

  async count(folder: string, words: string): Promise<number> {
    const lock = await this.#imap.getMailboxLock(folder)
    try {
      const all = await this.#imap.fetchAll('1:*', { envelope: true })
      return all.filter((m) => m.envelope?.subject?.includes(words)).length
    } finally {
      lock.release()
    }
  }

  /** Answers as programs do: the line on top, a signature, the letter quoted below. */
  async reply(letter: Letter, line: string, files: readonly string[] = []): Promise<void> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.#smtpPort,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: this.address, pass: password },
    })
    const quoted = letter.text.split(/\r?\n/).map((l) => `> ${l}`)
    await transport.sendMail({
      from: this.address,
      to: letter.replyTo,
      subject: `Re: ${letter.subject}`,
      inReplyTo: letter.messageId,
      references: [letter.messageId],
      text: [line, '', '-- ', 'Gửi từ máy của tôi', '', 'Vào 24/11/2026 08:00, Sở TT-TT đã viết:', ...quoted].join(
        '\n',
      ),
      attachments: files.map((path) => ({ filename: basename(path), content: readFileSync(path) })),
    })
    transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#imap.logout().catch(() => this.#imap.close())
  }
}
