import { createHash } from 'node:crypto'
import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { NOTIFY_SECONDS } from '../../limits.ts'
import { quote } from '../../parse/fault.ts'
import { constantOf } from '../../parse/template.ts'
import { plainAddress } from '../addresses.ts'
import { mayNotify, ownAddresses } from '../answer.ts'
import { RunFault } from '../facts.ts'
import { checkFcc, fccOf, fccTags } from '../fcc.ts'
import { readMailto } from '../mailto.ts'

/** A line that a telephone shows. */
const MAX_SUBJECT = 200

/**
 * RFC 5435 §3 with mailto: (RFC 5436). Who was told of this letter once is not told again; nobody is told of what a program
 * sent, nor of an act.
 */
export const notify = action({
  name: 'notify',
  extension: 'enotify',
  tags: {
    from: { takes: 'string' },
    importance: { takes: 'string' },
    options: { takes: 'strings' },
    message: { takes: 'string' },
    ...fccTags,
  },
  positional: ['string'],
  check(args, c) {
    const importance = args.tags.get('importance')
    const said = wordOf(importance?.value)
    if (importance && said !== undefined && !/^[123]$/.test(said))
      c.fault(importance.at, 'sau :importance là "1", "2" hoặc "3"', ':importance takes "1", "2" or "3"')
    const [method] = args.positional
    const uri = method?.kind === 'strings' ? constantOf(method.values[0]!) : undefined
    if (uri !== undefined && !readMailto(uri))
      c.fault(method!.at, `${quote(uri)} không phải địa chỉ mailto:`, `${quote(uri)} is no mailto: URI`)
    checkFcc(args, c)
  },
  run(args, m) {
    const { tags } = args
    const uri = m.string(args.positional[0])
    const method = readMailto(uri)
    if (!method)
      throw new RunFault(args.at, `${quote(uri)} không phải địa chỉ mailto:`, `${quote(uri)} is no mailto: URI`)
    if (!mayNotify(m)) return
    const told = new Set(m.acts.flatMap((act) => (act.kind === 'notify' ? [...act.to, ...act.cc, ...act.bcc] : [])))
    const fresh = (list: readonly string[]): string[] =>
      list.filter((address) => {
        const known = told.has(address.toLowerCase())
        told.add(address.toLowerCase())
        return !known
      })
    const [to, cc, bcc] = [fresh(method.to), fresh(method.cc), fresh(method.bcc)]
    if (to.length + cc.length + bcc.length === 0) return
    const from = m.string(tags.get('from')?.value)
    const own = plainAddress(/<([^<>]*)>\s*$/.exec(from)?.[1] ?? from)
    const letter = oneLine(m.header.decoded('subject')[0] ?? '')
    const sender = oneLine(m.header.decoded('from')[0] ?? m.facts.from)
    const fcc = fccOf(args, m)
    m.act(args.at, {
      kind: 'notify',
      to: to.map(lower),
      cc: cc.map(lower),
      bcc: bcc.map(lower),
      // RFC 5436 §2.1: another person's address is not ours to use
      from:
        own !== undefined && ownAddresses(m.facts, []).has(own.toLowerCase())
          ? { address: own }
          : { address: m.facts.owner.address, name: m.facts.owner.name },
      subject: (oneLine(m.string(tags.get('message')?.value)) || oneLine(method.subject ?? '') || letter).slice(
        0,
        MAX_SUBJECT,
      ),
      body: method.body ?? `Thư mới / New message\n${sender}\n${letter}\n`,
      importance: (m.string(tags.get('importance')?.value) || '2') as '1' | '2' | '3',
      key: `notify ${createHash('sha256')
        .update(JSON.stringify([to, cc, bcc].flat().map(lower).sort()))
        .digest('base64url')}`,
      seconds: NOTIFY_SECONDS,
      ...(fcc && { fcc }),
    })
  },
})

const lower = (address: string): string => address.toLowerCase()
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
