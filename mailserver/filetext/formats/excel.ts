/** Text and numbers of an .xls ([MS-XLS], BIFF8; strings of BIFF5 too): shared strings, labels, sheet names. */
import { guessLegacy, type Legacy, legacyOfFont } from '#kit/vi/legacy.ts'
import type { Text } from '../text.ts'
import { Unreadable } from '../unreadable.ts'

const FONT = 0x31
const FILEPASS = 0x2f
const CONTINUE = 0x3c
const BOUNDSHEET = 0x85
const SST = 0xfc
const NUMBER = 0x203
const LABEL = 0x204
const STRING = 0x207
const RK = 0x27e
const BOF_8 = 0x0600

export function excelText(stream: Buffer, out: Text): void {
  let hint: Legacy | undefined
  let biff8 = true
  const say = (text: string) => out.add(`${guessLegacy(text.replaceAll('\0', ''), hint)}\n`)
  for (let at = 0; at + 4 <= stream.length; ) {
    const type = stream.readUInt16LE(at)
    const record = stream.subarray(at + 4, at + 4 + stream.readUInt16LE(at + 2))
    at += 4 + record.length
    if (type === 0x809 && record.length >= 2) biff8 = record.readUInt16LE(0) >= BOF_8
    else if (type === FILEPASS) throw new Unreadable('locked', 'a workbook with a password')
    else if (type === FONT && record.length > 16) hint ??= legacyOfFont(fontName(record, biff8))
    else if (type === BOUNDSHEET && record.length > 8)
      say(biff8 ? short(record, 6) : record.subarray(7, 7 + record[6]!).toString('latin1'))
    else if (type === LABEL && record.length > 8)
      say(biff8 ? long(record, 6) : record.subarray(8, 8 + record.readUInt16LE(6)).toString('latin1'))
    else if (type === STRING && record.length > 3)
      say(biff8 ? long(record, 0) : record.subarray(2, 2 + record.readUInt16LE(0)).toString('latin1'))
    else if (type === NUMBER && record.length >= 14) out.add(`${record.readDoubleLE(6)} `)
    else if (type === RK && record.length >= 10) out.add(`${rk(record.readUInt32LE(6))} `)
    else if (type === SST) {
      const pieces = [record]
      while (at + 4 <= stream.length && stream.readUInt16LE(at) === CONTINUE) {
        const more = stream.subarray(at + 4, at + 4 + stream.readUInt16LE(at + 2))
        pieces.push(more)
        at += 4 + more.length
      }
      for (const text of sharedStrings(pieces)) say(text)
    }
  }
}

const fontName = (record: Buffer, biff8: boolean): string =>
  biff8 ? short(record, 14) : record.subarray(15, 15 + record[14]!).toString('latin1')
const short = (r: Buffer, at: number): string => characters(r, at + 2, r[at]!, (r[at + 1]! & 1) === 1)
const long = (r: Buffer, at: number): string => characters(r, at + 3, r.readUInt16LE(at), (r[at + 2]! & 1) === 1)
const characters = (r: Buffer, at: number, count: number, wide: boolean): string =>
  wide ? r.subarray(at, at + 2 * count).toString('utf16le') : r.subarray(at, at + count).toString('latin1')

/** [MS-XLS] 2.5.217: an integer or the high half of a double, perhaps of hundredths. */
function rk(value: number): number {
  const hundredths = value & 1
  let n: number
  if (value & 2) n = value >> 2
  else {
    const double = Buffer.alloc(8)
    double.writeUInt32LE((value & 0xfffffffc) >>> 0, 4)
    n = double.readDoubleLE(0)
  }
  return hundredths ? n / 100 : n
}

/** [MS-XLS] 2.4.265 SST: a string may go on in the next record, which then begins by saying how wide its letters are. */
function* sharedStrings(pieces: readonly Buffer[]): Generator<string> {
  let piece = 0
  let at = 8
  const here = () => pieces[piece]
  const step = (): boolean => {
    while (here() && at >= here()!.length) {
      at -= here()!.length
      piece++
    }
    return here() !== undefined
  }
  const byte = (): number => {
    if (!step()) return 0
    return here()![at++]!
  }
  const skip = (n: number) => {
    at += n
    step()
  }
  while (step()) {
    const count = byte() | (byte() << 8)
    const flags = byte()
    let wide = (flags & 1) === 1
    const runs = flags & 8 ? byte() | (byte() << 8) : 0
    const extra = flags & 4 ? byte() | (byte() << 8) | (byte() << 16) | (byte() << 24) : 0
    let text = ''
    for (let left = count; left > 0 && here(); ) {
      if (at >= here()!.length) {
        if (!step()) break
        wide = (byte() & 1) === 1
      }
      const room = Math.floor((here()!.length - at) / (wide ? 2 : 1))
      const n = Math.min(left, room)
      if (n === 0) {
        at = here()!.length
        continue
      }
      text += characters(here()!, at, n, wide)
      at += n * (wide ? 2 : 1)
      left -= n
    }
    yield text
    skip(4 * runs + Math.max(0, extra))
  }
}
