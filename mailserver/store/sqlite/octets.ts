import { closeSync, openSync, readSync } from 'node:fs'
import type { Statements } from '#kit/store/statements.ts'
import { MessageGone, type Pieces } from '../port.ts'
import { blobPath } from './blobs.ts'
import type { Segment } from './content.ts'

/** What a reader holds at a time, whatever the size of the message. */
const PIECE = 128 * 1024
/** A piece that nobody needs any more: memory that is new for each piece costs more than reading the file. One for each thread. */
let spare: Buffer<ArrayBuffer> | undefined

export type StoredContent = { segments: { octets?: Uint8Array; blob?: string; size: number }[] }

/** Octets are in `octets`, and those from before there was that table in `body` until `moveOctets` has come to them. */
const eitherPlace = (columns: string): string =>
  `select ${columns} from octets where content = ?1 union all select ${columns} from body where content = ?1 and segments <> ''`
const segmentsAndOctets = eitherPlace('segments, octets')
const segmentsAlone = eitherPlace('segments')

/** The blobs that a content is made of, each once. */
export function blobsOf(sql: Statements, content: number): Set<string> {
  const { segments } = sql.one<{ segments: string }>(segmentsAlone, content)
  return new Set((JSON.parse(segments) as Segment[]).filter((s) => typeof s === 'string'))
}

/** Where a content's octets are; those in the database come along. @throws MessageGone */
export function readContent(sql: Statements, content: number): StoredContent {
  const row = sql.get<{ segments: string; octets: Uint8Array }>(segmentsAndOctets, content)
  if (!row) throw new MessageGone(`content ${content}`)
  let at = 0
  return {
    segments: (JSON.parse(row.segments) as Segment[]).map((s) => {
      if (typeof s === 'number') {
        at += s
        return { octets: row.octets.subarray(at - s, at), size: s }
      }
      return { blob: s, size: sql.get<{ size: number }>('select size from blob where sha = ?', s)?.size ?? gone(s) }
    }),
  }
}

/** Octets [from, to) of prefix + content, in pieces; `next(true)` says that the last one is needed no more. @throws MessageGone when a file was removed meanwhile */
export function* readRange(
  dir: string,
  { segments }: StoredContent,
  prefix: Uint8Array,
  from: number,
  to: number,
): Pieces {
  let start = 0
  for (const s of [{ octets: prefix, size: prefix.length } as StoredContent['segments'][number], ...segments]) {
    const a = Math.max(0, from - start)
    const b = Math.min(s.size, to - start)
    start += s.size
    if (a >= b) continue
    if (s.octets) for (let at = a; at < b; at += PIECE) yield s.octets.subarray(at, Math.min(b, at + PIECE))
    else if (s.blob) yield* readFile(dir, s.blob, a, b)
  }
}

function* readFile(dir: string, sha: string, from: number, to: number): Pieces {
  const fd = openBlob(dir, sha)
  let piece: Buffer<ArrayBuffer> = Buffer.alloc(0)
  let free: boolean | undefined = false
  try {
    for (let at = from; at < to; ) {
      if (!free) {
        piece = spare ?? Buffer.allocUnsafeSlow(PIECE)
        spare = undefined
      }
      const n = readSync(fd, piece, 0, Math.min(PIECE, to - at), at)
      if (n === 0) throw new Error(`blob ${sha} ends at ${at}, ${to} octets were promised`)
      at += n
      free = yield piece.subarray(0, n)
    }
    if (free) spare = piece
  } finally {
    closeSync(fd)
  }
}

function openBlob(dir: string, sha: string): number {
  try {
    return openSync(blobPath(dir, sha), 'r')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') gone(sha)
    throw err
  }
}

function gone(sha: string): never {
  throw new MessageGone(`blob ${sha}`)
}
