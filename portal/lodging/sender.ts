import { rm } from 'node:fs/promises'
import type { Province } from '#config/province.ts'
import { subsystem } from '#kit/log.ts'
import { submit } from '#kit/mail/submit.ts'
import { crashPoint } from '#kit/process/crash.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { findVersion } from '../catalogue/procedures.ts'
import type { PortalMail } from '../mail.ts'
import { type Draft, draftById, dropUploads, finishLodging, reopen, sendingDrafts, uploadsOf } from '../store/drafts.ts'
import type { Store } from '../store/open.ts'
import { dueMail, mailLater, mailRefused, mailSent } from '../store/outbox.ts'
import { acknowledgement } from './acknowledgement.ts'
import { formRows, lodgingMessage } from './command.ts'

const log = subsystem('portal:lodging')

/** Between two looks at what waits; a failed submission is tried again after this long. */
const EVERY_MS = 5_000
/** Acknowledgements back off to this; the citizen has the reference on the page meanwhile. */
const MAX_BACKOFF_MS = 10 * 60_000
const BATCH = 50

export type Sender = AsyncDisposable & {
  /** Sends one frozen draft now. @returns its state after that; 'sending' when the mail server could not be asked */
  lodge(id: string): Promise<Draft['state']>
  /** Looks for waiting mail soon, instead of at the next interval. */
  nudge(): void
}
type Given = {
  store: Store
  province: Province
  mail: PortalMail
  /** public address, for links in mail */
  origin: string
  now: () => string
}

/**
 * Sends what the store says must be sent: lodgings until the mail server's 250, then acknowledgements until theirs. What
 * was interrupted at any point is sent again with the same octets, which the mail server knows again.
 */
export function startSender({ store, province, mail, origin, now }: Given): Sender {
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<Draft['state']>>()
  let wake = (): void => {}

  async function send(id: string): Promise<Draft['state']> {
    const draft = draftById(store, id)
    if (draft?.state !== 'sending') return draft?.state ?? 'draft'
    const listed = findVersion(province, draft.procedure, draft.version)
    if (!listed) throw new Error(`draft ${draft.label} is for ${draft.procedure} v${draft.version}, which is gone`)
    const message = await lodgingMessage(province, listed, draft, uploadsOf(store, id))
    crashPoint('portal.beforeLodge')
    try {
      await submit(await mail.submission(), { from: message.from, to: [message.to], raw: message.raw })
    } catch (err) {
      if (!(err instanceof Refusal) || err.status === 503 || err.status === 429) throw err
      if (err.status === 401) {
        mail.forget()
        throw err
      }
      log.error({ err, reference: draft.reference }, 'lodging refused for good')
      reopen(store, id, err.advice)
      return 'draft'
    }
    crashPoint('portal.afterLodge')
    const roles = listed.version.applicant!
    const rows = formRows(listed, draft, localDate(draft.lodgedAt!))
    const value = (name: string): string => rows.find((r) => r.name === name)?.value ?? ''
    const ack = await acknowledgement(province, listed, draft, {
      name: value(roles.name),
      email: value(roles.email),
      origin,
    })
    finishLodging(store, id, { ...ack, at: now() })
    await Promise.all(dropUploads(store, id).map((path) => rm(path, { force: true })))
    log.info({ reference: draft.reference, procedure: draft.procedure }, 'lodged')
    wake()
    return 'lodged'
  }

  /** One at a time for each draft: a double press waits for the first. */
  function lodge(id: string): Promise<Draft['state']> {
    const running = underWay.get(id)
    if (running) return running
    const one = send(id)
      .catch((err: unknown): Draft['state'] => {
        log.warn({ err, draft: id }, 'not lodged yet, tried again soon')
        return 'sending'
      })
      .finally(() => underWay.delete(id))
    underWay.set(id, one)
    return one
  }

  async function sendMail(): Promise<void> {
    for (const row of dueMail(store, now(), BATCH)) {
      if (stopping.signal.aborted) return
      try {
        await submit(await mail.submission(), { from: province.portal, to: [row.recipient], raw: row.raw })
        mailSent(store, row.messageId, now())
      } catch (err) {
        if (err instanceof Refusal && err.status === 401) mail.forget()
        else if (err instanceof Refusal && err.status !== 503 && err.status !== 429) {
          log.error({ err, messageId: row.messageId }, 'acknowledgement refused for good')
          mailRefused(store, row.messageId, err.message)
          continue
        }
        const wait = Math.min(MAX_BACKOFF_MS, EVERY_MS * 2 ** Math.min(row.attempts, 10))
        log.warn({ err, messageId: row.messageId }, 'acknowledgement not sent yet')
        mailLater(store, row.messageId, new Date(Date.parse(now()) + wait).toISOString())
      }
    }
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      try {
        for (const draft of sendingDrafts(store)) await lodge(draft.id)
        await sendMail()
      } catch (err) {
        log.error({ err }, 'sending failed')
      }
      if (stopping.signal.aborted) break
      const timer = setTimeout(wake, EVERY_MS)
      await woken
      clearTimeout(timer)
    }
  })()

  return {
    lodge,
    nudge: () => wake(),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wake()
      await running
      await Promise.all(underWay.values())
    },
  }
}
