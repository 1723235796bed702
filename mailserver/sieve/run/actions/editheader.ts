import { action } from '../../check/definition.ts'
import { checkFieldNames, checkIndex, checkMatch, matchTags } from '../../check/match.ts'
import { MAX_ADDED_FIELD } from '../../limits.ts'
import { quote } from '../../parse/fault.ts'
import { RunFault } from '../facts.ts'
import { encodedField } from '../field.ts'
import { matchAny } from '../match.ts'

/**
 * RFC 5293 §6 and beyond: fields that say where a letter comes from, that stop loops, that carry the seal or what workers
 * read. A script cannot write or take these away, also not with a name put together from variables.
 */
const guarded =
  /^(received|auto-submitted|return-path|delivered-to|x-sieve-redirected-from|from|sender|dkim-signature|arc-.*|authentication-results|x-spam-.*|congso-.*|content-.*|mime-version|message-id)$/i

function check(name: string, at: { line: number; column: number }): string {
  if (!/^[!-9;-~]{1,100}$/.test(name))
    throw new RunFault(
      at,
      `${quote(name)} không phải tên trường đầu thư`,
      `${quote(name)} is no name of a header field`,
    )
  return name
}

export const addheader = action({
  name: 'addheader',
  extension: 'editheader',
  tags: { last: {} },
  positional: ['string', 'string'],
  check: (args, c) => checkFieldNames(c, args.positional[0]),
  run(args, m) {
    const name = check(m.string(args.positional[0]), args.at)
    // line ends become spaces: a value is one field, whatever stranger's text is in it
    const value = m
      .string(args.positional[1])
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, MAX_ADDED_FIELD)
    if (guarded.test(name)) return
    m.addField(args.at)
    m.header.add(name, value, encodedField(name, value), args.tags.has('last'))
  },
})

export const deleteheader = action({
  name: 'deleteheader',
  extension: 'editheader',
  tags: { ...matchTags, index: { takes: 'number' }, last: {} },
  positional: ['string', 'strings'],
  lastOptional: true,
  check(args, c) {
    checkFieldNames(c, args.positional[0])
    checkIndex(args, c)
    checkMatch(args, c, args.positional[1])
  },
  run(args, m) {
    const name = check(m.string(args.positional[0]), args.at)
    if (guarded.test(name)) return
    const index = args.tags.get('index')?.value
    const keys = args.positional[1]
    m.header.remove(name, (value, place, of) => {
      if (index?.kind === 'number' && place !== (args.tags.has('last') ? of - index.value : index.value - 1))
        return false
      return keys === undefined || matchAny(args, m, [value], keys)
    })
  },
})
