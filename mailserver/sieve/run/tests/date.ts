import { readDate } from '#mailserver/mime/date.ts'
import type { Checker } from '../../check/checker.ts'
import { type Args, type TagSpec, test } from '../../check/definition.ts'
import { checkIndex, checkMatch, indexTags, matchTags, wordOf } from '../../check/match.ts'
import { quote } from '../../parse/fault.ts'
import { datePart, dateParts, readZone, zoneOf } from '../date.ts'
import { atIndex } from '../index.ts'
import { matchAny } from '../match.ts'

const zoneTags: Readonly<Record<string, TagSpec>> = {
  zone: { takes: 'string', group: 'zone' },
}

function check(args: Args, c: Checker, part: Args['positional'][number] | undefined): void {
  const zone = args.tags.get('zone')
  const said = wordOf(zone?.value)
  if (zone && said !== undefined && readZone(said) === undefined)
    c.fault(zone.at, 'múi giờ viết như "+0700"', 'a zone is written like "+0700"')
  const named = wordOf(part)
  if (part && named !== undefined && !(dateParts as readonly string[]).includes(named.toLowerCase()))
    c.fault(part.at, `không có phần ngày tháng ${quote(named)}`, `there is no date part ${quote(named)}`)
}

/** RFC 5260 §4: the date is the whole field, or what stands behind its last semicolon (Received). */
export const date = test({
  name: 'date',
  extension: 'date',
  tags: { ...matchTags, ...indexTags, ...zoneTags, originalzone: { group: 'zone' } },
  positional: ['string', 'string', 'strings'],
  check(args, c) {
    check(args, c, args.positional[1])
    checkIndex(args, c)
    checkMatch(args, c, args.positional[2])
  },
  run(args, m) {
    const part = m.string(args.positional[1]).toLowerCase()
    const values: string[] = []
    for (const value of atIndex(args, m.header.raw(m.string(args.positional[0]))).slice(0, 1)) {
      const field = value.slice(value.lastIndexOf(';') + 1).trim()
      const instant = readDate(field)
      if (instant === undefined) continue
      const asked = args.tags.get('zone')?.value
      const zone = args.tags.has('originalzone') ? zoneOf(field) : asked ? readZone(m.string(asked)) : undefined
      values.push(datePart(part, instant, zone ?? m.facts.zone))
    }
    return matchAny(args, m, values, args.positional[2]!)
  },
})

/** RFC 5260 §5 */
export const currentdate = test({
  name: 'currentdate',
  extension: 'date',
  tags: { ...matchTags, ...zoneTags },
  positional: ['string', 'strings'],
  check(args, c) {
    check(args, c, args.positional[0])
    checkMatch(args, c, args.positional[1])
  },
  run(args, m) {
    const asked = args.tags.get('zone')?.value
    const zone = (asked && readZone(m.string(asked))) ?? m.facts.zone
    const value = datePart(m.string(args.positional[0]).toLowerCase(), m.facts.now, zone)
    return matchAny(args, m, [value], args.positional[1]!)
  },
})
