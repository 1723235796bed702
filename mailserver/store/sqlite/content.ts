import { hash } from 'node:crypto'
import { filesOf } from '#mailserver/mime/files.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import type { Listing, MimePart } from '#mailserver/mime/part.ts'
import { foldedTexts } from '../folded.ts'
import { removeFile, writeTemporary } from './blobs.ts'
import { fieldLines } from './search/fieldlines.ts'

/**
 * Encoded parts from this size on are kept on their own, once, whatever message carries them; smaller ones are
 * rarely sent twice, and a file costs more than their octets in the database (findings: CAS files for everything were six times slower).
 */
export const BLOB_FROM = 64 * 1024

/** A run of octets between parts, or a blob named by its SHA-256. */
export type Segment = number | string

export type NewBlob = { sha: string; size: number; temporary: string }

/** A message's octets as the writer gets them. `facts` is absent when the calling thread saw that the store has them already. */
export type Content = {
  sha: Uint8Array
  size: number
  facts?: {
    /** octets to be added for every line to end with CRLF */
    lineExtra: number
    sentAt: number | null
    messageId: string
    envelope: string
    bodyStructure: string
    body: string
    structure: string
    segments: string
    octets: Uint8Array
    header: string
    foldedHeader: string
    text: string
    foldedText: string
    listing: Listing
    /** `fieldLines` of the header */
    fieldLines: string | null
    /** characters that the full-text index gets; null: all */
    indexedHeader: number | null
    indexedText: number | null
    /** there are files whose text is to be read */
    hasFiles: boolean
    blobs: { sha: string; size: number }[]
    /** files for those blobs that the store lacked */
    files: NewBlob[]
  }
}

export type Known = { content(sha: Uint8Array): boolean; blob(sha: string): boolean }

/**
 * All work on a message that needs no lock: hash, MIME index, folding, and durable temporary files for its large parts.
 * Synchronous unless there are files to write, so that small jobs keep the order in which they were asked.
 */
export function prepareContent(raw: Uint8Array, dir: string, known: Known): Content | Promise<Content> {
  const sha = hash('sha256', raw, 'buffer')
  if (known.content(sha)) return { sha, size: raw.length }
  const index = indexMessage(raw)
  const cuts = cut(raw.length, largeParts(index.structure))
  const inline: Uint8Array[] = []
  const large = new Map<string, Uint8Array>()
  const segments = cuts.map(({ from, to, alone }): Segment => {
    const octets = raw.subarray(from, to)
    if (!alone) {
      inline.push(octets)
      return octets.length
    }
    const name = hash('sha256', octets, 'hex')
    large.set(name, octets)
    return name
  })
  const facts: NonNullable<Content['facts']> = {
    lineExtra: index.lineExtra,
    sentAt: index.sentAt ?? null,
    messageId: index.messageId,
    envelope: index.envelope,
    bodyStructure: index.bodyStructure,
    body: index.body,
    structure: JSON.stringify(index.structure),
    segments: JSON.stringify(segments),
    octets: joined(inline),
    header: index.headerText,
    ...foldedTexts({ header: index.headerText, text: index.text }),
    hasFiles: filesOf(index.structure).length > 0,
    listing: index.listing,
    fieldLines: fieldLines(index.headerText),
    blobs: [...large].map(([name, octets]) => ({ sha: name, size: octets.length })),
    files: [],
  }
  const content: Content = { sha, size: raw.length, facts }
  const missing = [...large].filter(([name]) => !known.blob(name))
  if (missing.length === 0) return content
  return writeAll(dir, missing).then((files) => {
    facts.files = files
    return content
  })
}

/** In memory of its own: a view would take all of the message along to the writer. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** All of them, or none is left behind. */
async function writeAll(
  dir: string,
  blobs: readonly (readonly [sha: string, octets: Uint8Array])[],
): Promise<NewBlob[]> {
  const written = await Promise.allSettled(blobs.map(([, octets]) => writeTemporary(dir, octets)))
  const failed = written.find((w) => w.status === 'rejected')
  if (failed) {
    for (const w of written) if (w.status === 'fulfilled') removeFile(w.value)
    throw failed.reason
  }
  return blobs.map(([sha, octets], i) => {
    const w = written[i]!
    return { sha, size: octets.length, temporary: w.status === 'fulfilled' ? w.value : '' }
  })
}

/** Leaf parts of at least BLOB_FROM octets, in order, without overlap. */
function largeParts(part: MimePart): [from: number, to: number][] {
  if (part.children.length > 0) return part.children.flatMap(largeParts)
  return part.bodyEnd - part.bodyStart >= BLOB_FROM ? [[part.bodyStart, part.bodyEnd]] : []
}

/** The whole of the octets in pieces: large parts alone, and what lies between, alone too when it is large itself. */
function cut(length: number, parts: readonly [number, number][]): { from: number; to: number; alone: boolean }[] {
  const pieces: { from: number; to: number; alone: boolean }[] = []
  const between = (from: number, to: number) => {
    if (to > from) pieces.push({ from, to, alone: to - from >= BLOB_FROM })
  }
  let at = 0
  for (const [from, to] of parts) {
    if (from < at || to > length) continue
    between(at, from)
    pieces.push({ from, to, alone: true })
    at = to
  }
  between(at, length)
  return pieces
}
