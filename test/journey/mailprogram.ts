/** An official with an ordinary mail program: IMAP to read, submission to answer, nothing of ours in between. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport, type SendMailOptions } from 'nodemailer'
import MailComposer from 'nodemailer/lib/mail-composer'
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
  #imap: ImapFlow
  readonly #at: { imap: number; submission: number }

  private constructor(address: string, at: { imap: number; submission: number }, imap: ImapFlow) {
    this.address = address
    this.#at = at
    this.#imap = imap
  }

  static async open(address: string, at: { imap: number; submission: number }): Promise<MailProgram> {
    return new MailProgram(address, at, await connect(address, at.imap))
  }

  /** Runs `work` in a folder; a lost connection is made anew, as programs do, until the server is back. */
  async #in<T>(folder: string, work: (imap: ImapFlow) => Promise<T>): Promise<T> {
    return (
      await until(`${folder} of ${this.address}`, async () => {
        try {
          if (!this.#imap.usable) this.#imap = await connect(this.address, this.#at.imap)
          const lock = await this.#imap.getMailboxLock(folder)
          try {
            await this.#imap.noop()
            return { value: await work(this.#imap) }
          } finally {
            lock.release()
          }
        } catch (err) {
          if (this.#imap.usable && !/connect|socket|closed|ECONN/i.test(String(err))) throw err
          return undefined
        }
      })
    ).value
  }

  /** Another connection of the same program, which opens a folder and waits there; `ended` when the server closes it. */
  async waitIn(folder: string): Promise<{ ended: Promise<void> }> {
    const imap = await connect(this.address, this.#at.imap)
    const ended = new Promise<void>((resolve) => imap.once('close', () => resolve()))
    await imap.mailboxOpen(folder)
    imap.idle().catch(() => undefined) // it ends with the connection
    return { ended }
  }

  /** Names of the folders that can be opened. */
  folders(): Promise<string[]> {
    return this.#in('INBOX', async (imap) =>
      (await imap.list()).filter((f) => !f.flags.has('\\Noselect')).map((f) => f.path),
    )
  }

  /** The newest letter in the folder whose subject has these words; waits for it, and for one newer than `after`. */
  async letter(folder: string, words: string, after = 0): Promise<Letter> {
    return until(`a letter “${words}” in ${folder} of ${this.address}`, () =>
      this.#in(folder, async (imap) => {
        const all = await imap.fetchAll('1:*', { uid: true, envelope: true })
        const found = all.filter((m) => m.uid > after && m.envelope?.subject?.includes(words)).at(-1)
        if (!found) return undefined
        const text = (await textOf(imap, found.uid, '1.1')) || (await textOf(imap, found.uid, '1'))
        return {
          uid: found.uid,
          subject: found.envelope!.subject!,
          messageId: found.envelope!.messageId!,
          replyTo: found.envelope!.replyTo?.[0]?.address ?? '',
          text,
        }
      }),
    )
  }

  /** How many letters in the folder have these words in their subject. */
  count(folder: string, words: string): Promise<number> {
    return this.#in(folder, async (imap) => {
      const all = await imap.fetchAll('1:*', { envelope: true })
      return all.filter((m) => m.envelope?.subject?.includes(words)).length
    })
  }

  /** A field of the one letter in the folder whose subject has these words. */
  header(folder: string, words: string, name: string): Promise<string | undefined> {
    return this.#in(folder, async (imap) => {
      const all = await imap.fetchAll('1:*', { envelope: true, headers: [name] })
      const found = all.find((m) => m.envelope?.subject?.includes(words))
      return found?.headers?.toString().split(':')[1]?.trim()
    })
  }

  /** Answers as programs do: the line on top, a signature, the letter quoted below. */
  async reply(letter: Letter, line: string, files: readonly string[] = []): Promise<void> {
    const quoted = letter.text.split(/\r?\n/).map((l) => `> ${l}`)
    await this.send({
      to: letter.replyTo,
      subject: `Re: ${letter.subject}`,
      inReplyTo: letter.messageId,
      references: [letter.messageId],
      text: [line, '', '-- ', 'Gửi từ máy của tôi', '', 'Vào 24/11/2026 08:00, Sở TT-TT đã viết:', ...quoted].join(
        '\n',
      ),
      attachments: files.map((path) => ({ filename: basename(path), content: readFileSync(path) })),
    })
  }

  /** Sends, and sends the same message again while no answer came: what programs do with their outbox. */
  async send(mail: SendMailOptions): Promise<void> {
    const built = await new MailComposer({ from: this.address, date: new Date(), ...mail }).compile().build()
    await until(`submission to take “${mail.subject}”`, async () => {
      const transport = createTransport({
        host: '127.0.0.1',
        port: this.#at.submission,
        requireTLS: true,
        tls: { rejectUnauthorized: false },
        auth: { user: this.address, pass: password },
      })
      try {
        await transport.sendMail({ envelope: { from: this.address, to: mail.to as string }, raw: built })
        return true
      } catch (err) {
        if (((err as { responseCode?: number }).responseCode ?? 0) >= 500) throw err
        return false
      } finally {
        transport.close()
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#imap.logout().catch(() => this.#imap.close())
  }
}

/** A part as text; empty when there is none of that number. */
async function textOf(imap: ImapFlow, uid: number, part: string): Promise<string> {
  const found = await imap.download(uid, part, { uid: true })
  const chunks: Buffer[] = []
  for await (const chunk of found.content ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function connect(address: string, port: number): Promise<ImapFlow> {
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: true,
    tls: { rejectUnauthorized: false }, // the suite's own certificate, as a person accepts it once
    auth: { user: address, pass: password },
    logger: false,
  })
  imap.on('error', () => undefined) // the server is killed in some stories; the next command says so
  await imap.connect()
  return imap
}
