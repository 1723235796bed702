import { readMessage } from '#kit/message/read.ts'
import { checkSeal } from '#kit/message/seal.ts'
import { Refusal } from '#kit/refusal.ts'
import type { ActName, Webmail } from '#webmail/context.ts'

/** A file above this is not read for a card: notices carry at most what travels in mail. */
export const largestCard = 25 * 1024 * 1024

/** The act's buttons stay in sight; all of the form is in the letter's text and on the case's page. */
const mostFacts = 6

/** The card of an official act inside a letter, or why there is none to act from. */
export type Card = {
  act: ActName
  code: string
  codeHref: string
  seal: 'good' | 'bad'
  facts: readonly (readonly [string, string])[]
  /** acts that the reader may answer with */
  acts: { label: string; icon: string; href: string; primary: boolean; danger: boolean }[]
  openHref: string
}

/**
 * Reads a structured message as a card. A message whose seal is not right gets a card that offers nothing;
 * ordinary mail gets none.
 */
export async function cardOf(raw: Buffer, received: Date, webmail: Webmail): Promise<Card | undefined> {
  const { keys } = await webmail.directory['keys.list']({})
  const seal = await checkSeal(raw, { keys, at: received.toISOString() })
  if (!seal.ok && seal.seal === 'none') return undefined
  let message: ReturnType<typeof readMessage>
  try {
    message = readMessage(raw)
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    return { ...nothing, seal: 'bad' } // it means to be ours and is not written so: shown as a letter, with the warning
  }
  if (!message) return undefined
  const { kind } = message.head
  const caseId = message.head.case
  const act = webmail.acts.get(kind) ?? { kind, title: 'Việc công', verb: 'Mở', icon: 'file-text' }
  const openHref = `/ho-so/${encodeURIComponent(caseId)}`
  const asks = message.is === 'notice' ? message.notice.asks : []
  return {
    act,
    code: codeOf(message.head.subject) ?? caseId,
    codeHref: openHref,
    seal: seal.ok ? 'good' : 'bad',
    facts: message.is === 'notice' ? factsOf(message.notice.data).slice(0, mostFacts) : [],
    acts: asks.flatMap((ask, i) => {
      const known = webmail.acts.get(ask)
      if (!known) return []
      return [
        {
          label: known.verb,
          icon: known.icon,
          href: `${openHref}?viec=${encodeURIComponent(ask)}#viec`,
          primary: i === 0 && !known.danger,
          danger: known.danger ?? false,
        },
      ]
    }),
    openHref,
  }
}

const nothing: Card = {
  act: { kind: '', title: '', verb: '', icon: 'file-text' },
  code: '',
  codeHref: '',
  seal: 'bad',
  facts: [],
  acts: [],
  openHref: '',
}

/** The code in square brackets that subjects begin with, once the case has one. */
function codeOf(subject: string): string | undefined {
  return /^\[([^\]\s]{4,60})\]/.exec(subject)?.[1]
}

/** Label and value pairs of a notice; anything else in its data is for programs. */
function factsOf(data: unknown): (readonly [string, string])[] {
  const facts = (data as { facts?: unknown } | null)?.facts
  if (!Array.isArray(facts)) return []
  return facts.flatMap((f: unknown) =>
    Array.isArray(f) && typeof f[0] === 'string' && typeof f[1] === 'string' ? [[f[0], f[1]] as const] : [],
  )
}
