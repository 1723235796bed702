import { createHash } from 'node:crypto'
import { action } from '../../check/definition.ts'
import { VACATION_DAYS, VACATION_SECONDS_LEAST } from '../../limits.ts'
import { plainAddress } from '../addresses.ts'
import { mayAnswer, ownAddresses } from '../answer.ts'
import { RunFault } from '../facts.ts'
import { checkFcc, fccOf, fccTags } from '../fcc.ts'

/** A whole MIME entity of 64 KB is a page of text with a table. */
const MAX_SUBJECT = 200

/** RFC 5230, with :seconds (RFC 6131) and :fcc (RFC 8580). Whether it is sent at all is RFC 3834's and §4.5's to say; once in :days is the delivery's. */
export const vacation = action({
  name: 'vacation',
  extension: ['vacation', 'vacation-seconds'],
  tags: {
    days: { takes: 'number', group: 'time' },
    seconds: { takes: 'number', group: 'time', extension: 'vacation-seconds' },
    subject: { takes: 'string' },
    from: { takes: 'string' },
    addresses: { takes: 'strings' },
    mime: {},
    handle: { takes: 'string' },
    ...fccTags,
  },
  positional: ['string'],
  check: checkFcc,
  run(args, m) {
    if (m.acts.some((a) => a.kind === 'reply'))
      throw new RunFault(args.at, 'vacation được gọi hai lần', 'vacation is called twice')
    const { tags } = args
    const reason = m.string(args.positional[0])
    const subject = oneLine(m.string(tags.get('subject')?.value))
    const from = m.string(tags.get('from')?.value)
    const also = m.strings(tags.get('addresses')?.value)
    const handle = tags.get('handle')?.value
    const mime = tags.has('mime')
    const fcc = fccOf(args, m)
    const to = mayAnswer(m, also)
    if (to === undefined) return
    const own = ownAddresses(m.facts, [])
    const said = plainAddress(/<([^<>]*)>\s*$/.exec(from)?.[1] ?? from)
    const original = oneLine(m.header.decoded('subject')[0] ?? '')
    const messageId = identifier(m.header.raw('message-id')[0])
    const key = createHash('sha256')
      .update(handle ? JSON.stringify(['handle', m.string(handle)]) : JSON.stringify([subject, from, mime, reason]))
      .digest('base64url')
    const references = [...(m.header.raw('references')[0] ?? '').matchAll(/<[^<>\s]{1,250}>/g)]
      .map((r) => r[0])
      .slice(-20)
    m.act(args.at, {
      kind: 'reply',
      to,
      // RFC 5230 §4.3: another person's address is not ours to use
      from:
        said !== undefined && own.has(said.toLowerCase())
          ? { address: said }
          : { address: m.facts.owner.address, name: m.facts.owner.name },
      subject: (subject || `Auto: ${original}`).slice(0, MAX_SUBJECT),
      body: reason,
      mime,
      key: `vacation ${key} ${createHash('sha256').update(to.toLowerCase()).digest('base64url')}`,
      seconds: pause(tags),
      ...(fcc && { fcc }),
      ...(messageId
        ? { inReplyTo: messageId, references: [...references.filter((r) => r !== messageId), messageId].join(' ') }
        : {}),
    })
  },
})

function pause(tags: ReadonlyMap<string, { value?: { kind: string } }>): number {
  const number = (name: string) => {
    const value = tags.get(name)?.value as { kind: 'number'; value: number } | undefined
    return value?.kind === 'number' ? value.value : undefined
  }
  const seconds = number('seconds')
  const most = VACATION_DAYS.most * 86_400
  if (seconds !== undefined) return Math.min(most, Math.max(VACATION_SECONDS_LEAST, seconds))
  return Math.min(most, Math.max(VACATION_DAYS.least, number('days') ?? VACATION_DAYS.usual) * 86_400)
}

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
const identifier = (value: string | undefined): string | undefined => /<[^<>\s]{1,250}>/.exec(value ?? '')?.[0]
