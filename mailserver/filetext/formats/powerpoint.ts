/** Text of a .ppt ([MS-PPT]): the text atoms of its records, wherever they stand. */
import type { Text } from '../text.ts'
import { addParagraphs, hintIn } from './compound.ts'

const CHARS = 0x0fa0
const BYTES = 0x0fa8
const CONTAINER = 0x0f

/** A container's header is stepped over and its records read in turn: no recursion, and no position that goes back. */
export function powerPointText(stream: Buffer, out: Text): void {
  const hint = hintIn(stream)
  for (let at = 0; at + 8 <= stream.length; ) {
    const version = stream.readUInt16LE(at) & 0x0f
    const type = stream.readUInt16LE(at + 2)
    const length = stream.readUInt32LE(at + 4)
    at += 8
    if (version === CONTAINER) continue
    if (type === CHARS || type === BYTES) {
      const octets = stream.subarray(at, at + length)
      const text = octets.toString(type === CHARS ? 'utf16le' : 'latin1')
      addParagraphs(text.replaceAll(/[\r\x0b]/g, '\n'), hint, out)
    }
    at += length
  }
}
