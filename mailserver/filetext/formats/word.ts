/** Text of a .doc ([MS-DOC]): Word 97 and later by its piece table, Word 6 and 95 as one run of octets. */
import type { Text } from '../text.ts'
import { Unreadable } from '../unreadable.ts'
import { addParagraphs, hintIn } from './compound.ts'

const ENCRYPTED = 0x0100
const TABLE_1 = 0x0200
/** nFib of Word 97 */
const WORD_97 = 0x00c1
/** Pieces of a document edited for years; each is 12 octets in the table. */
const MAX_PIECES = 200_000

export function wordText(stream: Buffer, table: (n: 0 | 1) => Buffer | undefined, out: Text): void {
  const flags = stream.readUInt16LE(0x0a)
  if (flags & ENCRYPTED) throw new Unreadable('locked', 'an encrypted document')
  if (stream.readUInt16LE(2) < WORD_97) {
    const text = stream.subarray(stream.readUInt32LE(0x18), stream.readUInt32LE(0x1c)).toString('latin1')
    addParagraphs(shown(text), hintIn(stream), out)
    return
  }
  const pieces = table(flags & TABLE_1 ? 1 : 0)
  if (!pieces) throw new Unreadable('broken', 'a document without its table')
  const hint = hintIn(pieces)
  let text = ''
  for (const piece of readPieces(stream, pieces)) {
    text += piece
    if (text.length > 4 * 1024 * 1024) break
  }
  addParagraphs(shown(text), hint, out)
}

/** [MS-DOC] 2.8.35 PlcPcd, inside the Clx that the FIB points to. */
function* readPieces(stream: Buffer, table: Buffer): Generator<string> {
  const from = stream.readUInt32LE(0x01a2)
  const clx = table.subarray(from, from + stream.readUInt32LE(0x01a6))
  let at = 0
  while (clx[at] === 1) at += 3 + clx.readUInt16LE(at + 1)
  if (clx[at] !== 2) throw new Unreadable('broken', 'a document without pieces')
  const count = Math.floor((clx.readUInt32LE(at + 1) - 4) / 12)
  if (count < 0 || count > MAX_PIECES) throw new Unreadable('broken', `a document of ${count} pieces`)
  const plc = at + 5
  for (let i = 0; i < count; i++) {
    const length = clx.readUInt32LE(plc + 4 * (i + 1)) - clx.readUInt32LE(plc + 4 * i)
    if (length < 0) throw new Unreadable('broken', 'pieces out of order')
    const fc = clx.readUInt32LE(plc + 4 * (count + 1) + 8 * i + 2)
    const start = fc & 0x3fffffff
    if (fc & 0x40000000) yield latin(stream.subarray(start >> 1, (start >> 1) + length))
    else yield stream.subarray(start, start + 2 * length).toString('utf16le')
  }
}

const windows1252 = new TextDecoder('windows-1252')
const latin = (octets: Buffer): string => windows1252.decode(octets)

/** [MS-DOC] 2.4.1: fields show their result, not their code; marks become what they stand for. */
function shown(text: string): string {
  return text
    .replaceAll(/\x13[^\x13\x14\x15]{0,2000}\x14/g, '')
    .replaceAll(/\x13[^\x13\x14\x15]{0,2000}\x15/g, '')
    .replaceAll('\x1e', '-')
    .replaceAll('\x1f', '\u00ad') // an optional hyphen, which in TCVN3 is ư
    .replaceAll(/[\r\x0b\x0c]/g, '\n')
    .replaceAll('\x07', '\t')
    .replaceAll(/[\x00-\x08\x0e-\x1f]/g, '')
}
