/** COMPRESS (RFC 4978): the reply is the last thing in the clear. After sign-in only: a stranger costs no zlib streams. */
import type { Scanner } from '../parse/scanner.ts'
import { No, ok } from '../reply.ts'
import { command } from './command.ts'

export const compress = command({
  name: 'COMPRESS',
  when: 'signed-in',
  read(args: Scanner): string {
    args.space()
    const algorithm = args.word('an algorithm')
    args.maySpace()
    args.end()
    return algorithm
  },
  run(session, algorithm) {
    if (algorithm !== 'DEFLATE') throw new No('CANNOT', 'only DEFLATE is known')
    const start = session.startCompression
    if (!start) throw new No('COMPRESSIONACTIVE', 'compression is active already')
    session.upgrade = start
    return ok('DEFLATE from here on')
  },
})
