/**
 * The process that reads strangers' files: one at a time, octets in, text out. It is started without rights on the file system
 * but to read the program, without network and without children (`process.ts`), and may be killed whenever it takes too long.
 */
import { fold } from '#kit/vi/fold.ts'
import { undone } from '#mailserver/mime/text.ts'
import { indexedLength } from '#mailserver/store/sqlite/search/bounded.ts'
import { extract } from './extract.ts'
import type { FromReader, ToReader } from './protocol.ts'

process.on('message', async ({ id, octets, encoding, name, charset }: ToReader) => {
  const decoded = undone(Buffer.from(octets.buffer, octets.byteOffset, octets.length), encoding)
  const { state, text, why } = await extract({ octets: decoded, name, ...(charset ? { charset } : {}) })
  const folded = fold(text)
  const indexed = indexedLength(folded)
  const answer: FromReader = {
    id,
    state,
    text,
    folded,
    ...(indexed === undefined ? {} : { indexed }),
    ...(why === undefined ? {} : { why: why.slice(0, 200) }),
  }
  process.send!(answer)
})
process.on('disconnect', () => process.exit(0))
process.send!({ ready: true } satisfies FromReader)
