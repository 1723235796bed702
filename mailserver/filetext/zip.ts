/**
 * The directory and entries of a zip (APPNOTE 6.3.10 §4.3), read by what the octets are, not by what they promise: an entry
 * is unpacked by zlib with a bound on its output, and all of them together share one budget. No zip64: files are small.
 */
import { inflateRawSync } from 'node:zlib'
import { guess } from '#mailserver/mime/charset.ts'
import { MAX_RATIO, MAX_UNPACKED, RATIO_FROM } from './limits.ts'
import { Unreadable } from './unreadable.ts'

export type ZipEntry = { name: string; method: number; locked: boolean; at: number; packed: number }

/** What may still be unpacked, for a file and all that is in it. */
export class Budget {
  #left = MAX_UNPACKED
  get left(): number {
    return this.#left
  }
  /** @throws Unreadable too-large */
  take(octets: number): void {
    this.#left -= octets
    if (this.#left < 0) throw new Unreadable('too-large', 'more than the budget was unpacked')
  }
}

export const isZip = (octets: Buffer): boolean => octets.length > 22 && octets.readUInt32LE(0) === 0x04034b50

/** @throws Unreadable broken, when there is no directory */
export function readDirectory(octets: Buffer, most: number): { entries: ZipEntry[]; cut: boolean } {
  const end = octets.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || end + 22 > octets.length) throw new Unreadable('broken', 'a zip without a directory')
  const count = octets.readUInt16LE(end + 10)
  let at = octets.readUInt32LE(end + 16)
  const entries: ZipEntry[] = []
  for (let i = 0; i < count; i++) {
    if (entries.length >= most) return { entries, cut: true }
    if (at + 46 > octets.length || octets.readUInt32LE(at) !== 0x02014b50) break
    const flags = octets.readUInt16LE(at + 8)
    const [nameLength, extra, comment] = [28, 30, 32].map((n) => octets.readUInt16LE(at + n)) as [
      number,
      number,
      number,
    ]
    const name = octets.subarray(at + 46, at + 46 + nameLength)
    entries.push({
      name: flags & 0x800 ? name.toString('utf8').normalize('NFC') : guess(name),
      method: octets.readUInt16LE(at + 10),
      locked: (flags & 1) === 1,
      packed: octets.readUInt32LE(at + 20),
      at: octets.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + extra + comment
  }
  return { entries, cut: false }
}

/** @throws Unreadable locked, broken, too-large */
export function readEntry(octets: Buffer, entry: ZipEntry, budget: Budget): Buffer {
  if (entry.locked) throw new Unreadable('locked', `${entry.name} is encrypted`)
  const { at } = entry
  if (at + 30 > octets.length || octets.readUInt32LE(at) !== 0x04034b50)
    throw new Unreadable('broken', `${entry.name} is not where the directory says`)
  const from = at + 30 + octets.readUInt16LE(at + 26) + octets.readUInt16LE(at + 28)
  const packed = octets.subarray(from, from + entry.packed)
  if (entry.method === 0) {
    budget.take(packed.length)
    return packed
  }
  if (entry.method !== 8) throw new Unreadable('broken', `${entry.name} is packed by method ${entry.method}`)
  const most = Math.min(budget.left, Math.max(RATIO_FROM, packed.length * MAX_RATIO))
  try {
    const unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(1, most) })
    budget.take(unpacked.length)
    return unpacked
  } catch (err) {
    if (err instanceof Unreadable) throw err
    if ((err as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      budget.take(most)
      throw new Unreadable('too-large', `${entry.name} unpacks to more than ${most} octets`)
    }
    throw new Unreadable('broken', `${entry.name}: ${(err as Error).message}`)
  }
}
