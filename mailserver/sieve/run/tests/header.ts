import { decodeWords } from '#mailserver/mime/words.ts'
import { test } from '../../check/definition.ts'
import { checkFieldNames, checkIndex, checkMatch, indexTags, matchTags } from '../../check/match.ts'
import { atIndex } from '../index.ts'
import { matchAny } from '../match.ts'
import { checkMime, fieldValues, mimeOptionTags, mimeTags, pieceOf } from '../mimefields.ts'

/** RFC 5228 §5.7, with :mime (RFC 5703 §4.1); white space around a value does not count. */
export const header = test({
  name: 'header',
  tags: { ...matchTags, ...indexTags, ...mimeTags, ...mimeOptionTags },
  positional: ['strings', 'strings'],
  check(args, c) {
    checkFieldNames(c, args.positional[0])
    checkIndex(args, c)
    checkMime(args, c)
    checkMatch(args, c, args.positional[1])
  },
  run(args, m) {
    const piece = pieceOf(args, m)
    const values = m.strings(args.positional[0]).flatMap((name) => {
      const fields = atIndex(args, [...fieldValues(args, m, name)])
      return piece ? fields.flatMap((value) => piece(name, value)) : fields.map((value) => decodeWords(value))
    })
    return matchAny(args, m, values, args.positional[1]!)
  },
})
