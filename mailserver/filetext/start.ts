/**
 * Reads the files of new mail for search, in the background: what waits is a row in the store, so a stop at any point loses nothing.
 * Newest first; one file at a time, in a process of lowest priority, with the store's writer used in small turns; what kills the
 * process is noted as the file's answer and not tried again.
 */
import { createHash } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { subsystem } from '#kit/log.ts'
import { type FilePart, filesOf } from '#mailserver/mime/files.ts'
import { fileNames } from '#mailserver/mime/text.ts'
import { foldedTexts } from '#mailserver/store/folded.ts'
import { type Jobs, MessageGone, type Store } from '#mailserver/store/port.ts'
import { MAX_CONTENT_TEXT, MAX_FILE_OCTETS, MAX_FILES } from './limits.ts'
import { type FileText, ReadingProcess } from './process.ts'

const log = subsystem('filetext')
/** Contents looked up at a time; their structures are held meanwhile. */
const BATCH = 50
/** Mail comes in bursts: the first look waits a little, and sees the burst. */
const SOON_MS = 100
/** A world that is broken (no process, a full disk) is tried again so often. */
const AFTER_FAILURE_MS = 30_000
/** Base64 with its line ends. */
const ENCODED = 1.4
/** Pieces of a blob (64 KB) read between two turns of the event loop. */
const PIECES_EACH = 8

type Reading = Jobs['filesRead']['in']['files'][number]
export type FileReader = AsyncDisposable & {
  /** of the process that reads, if there is one */ pid(): number | undefined
}

export function startFileTexts({ store }: { store: Store }): FileReader {
  const reading = new ReadingProcess()
  const stopping = new AbortController()
  let wake: (() => void) | undefined
  const forget = store.onChange(
    ({ kind }) => {
      if (kind === 'exists' || kind === 'queue') wake?.()
    },
    ['exists', 'queue'],
  )
  const running = run()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      try {
        if (await batch()) continue
        await Promise.race([woken, ended(stopping.signal)])
        await pause(SOON_MS)
      } catch (err) {
        if (stopping.signal.aborted) return
        log.error({ err }, 'files could not be read')
        await pause(AFTER_FAILURE_MS)
      }
    }
  }

  /** @returns whether anything waited */
  async function batch(): Promise<boolean> {
    const waiting = store.read.filesToRead(BATCH)
    const writes: Promise<unknown>[] = []
    for (const { content, structure, stale } of waiting) {
      if (stopping.signal.aborted) break
      try {
        const files = await readAll(content, filesOf(structure).slice(0, MAX_FILES))
        const texts = stale ? foldedTexts(withNames(store.read.contentTexts(content), fileNames(structure))) : undefined
        writes.push(store.write('filesRead', { content, files, ...(texts ? { texts } : {}) }))
      } catch (err) {
        if (!(err instanceof MessageGone)) throw err
        writes.push(store.write('filesRead', { content, files: [] })) // deleted meanwhile
      }
      // the next message may carry the same file: it shall know
      if (writes.length >= BATCH || !stale) await Promise.all(writes.splice(0))
      await setImmediate()
    }
    await Promise.all(writes)
    return waiting.length > 0
  }

  async function readAll(content: number, parts: readonly FilePart[]): Promise<Reading[]> {
    const all: Reading[] = []
    let room = MAX_CONTENT_TEXT
    for (const file of parts) {
      const { part, name } = file
      if (!file.readable) {
        all.push({ part: part.number, name })
        continue
      }
      const reading = await readOne(content, file, room)
      room -= reading.length
      all.push(reading.row)
    }
    return all
  }

  async function readOne(
    content: number,
    { part, name }: FilePart,
    room: number,
  ): Promise<{ row: Reading; length: number }> {
    const row = { part: part.number, name }
    if (room <= 0 || part.bodyEnd - part.bodyStart > MAX_FILE_OCTETS * ENCODED) return { row, length: 0 }
    const octets = await octetsOf(content, part.bodyStart, part.bodyEnd)
    // the same octets may be another file under another name: a page of HTML is also a text
    const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
    const charset = part.parameters['charset'] ?? ''
    const key = `${createHash('sha256').update(octets).digest('hex')}/${part.encoding}/${extension}/${charset.slice(0, 40)}`
    const known = store.read.fileKnown(key)
    if (known) return { row: { ...row, key }, length: known.length }
    const read = await reading.read({
      octets,
      encoding: part.encoding,
      name: extension === '' && part.type === 'text/html' ? 'x.html' : name,
      ...(charset ? { charset } : {}),
    })
    if (read.why !== undefined && read.state !== 'cut')
      log.info({ content, part: part.number, ...noted(read) }, 'a file was not read')
    const { why: _, ...text } = read
    return { row: { ...row, key, read: text }, length: read.text.length }
  }

  async function octetsOf(content: number, from: number, to: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for (const piece of store.read.contentOctets(content, from, to)) {
      // what comes from the database is a view of its row
      pieces.push(piece)
      if (pieces.length % PIECES_EACH === 0) await setImmediate()
    }
    return Buffer.concat(pieces)
  }

  const pause = (ms: number) => setTimeout(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  return {
    pid: () => reading.pid,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      forget()
      await reading[Symbol.asyncDispose]()
      await running
    },
  }
}

const noted = ({ state, why }: FileText) => ({ state, why })

const ended = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Names of files were not kept with the text before. */
function withNames({ header, text }: { header: string; text: string }, names: string) {
  return { header, text: names === '' || text.endsWith(names) ? text : `${text}\n${names}`.trim() }
}
