/**
 * A rebuild is the live path from the start: the ledger's data parts through the control API, the same acts, a new file.
 * It sends nothing. The new file takes over at one stroke; readers and workers reopen.
 */
import type { Registry } from '#kit/act/registry.ts'
import type { Address, Directory } from '#kit/directory/calls.ts'
import { lockFolder } from '#kit/process/lock.ts'
import { differences } from './compare.ts'
import { linkInstead, linkOf, nextFile, removeFile } from './files.ts'
import { type Head, Projection } from './projection.ts'

/** Data parts take some kilobytes each; one answer of the control API stays below some megabytes. */
const PAGE = 1000

export type RebuildGiven = {
  folder: string
  register: Address
  registry: Registry
  directory: Pick<Directory, 'ledger.read' | 'ledger.head'>
  progress?: (done: number, total: number) => void
}

/** @throws Error when the chain is broken or an event is unknown; the file in force then stays */
export async function rebuild(given: RebuildGiven): Promise<Head> {
  using _alone = lockFolder(`${linkOf(given.folder, given.register)}.rebuild`)
  const { file, head } = await build(given)
  linkInstead(linkOf(given.folder, given.register), file)
  return head
}

/** Builds beside the file in force and compares the two row by row. @returns what differs; nothing when equal */
export async function checkRebuild(given: RebuildGiven): Promise<{ head: Head; differences: string[] }> {
  const link = linkOf(given.folder, given.register)
  using _alone = lockFolder(`${link}.rebuild`)
  const { file, head } = await build(given)
  try {
    using live = Projection.open(link, given.registry, given.register)
    using fresh = Projection.beside(file, given.registry, given.register)
    // both are brought to the same entry: workers may have applied more meanwhile, or not yet all
    for (;;) {
      const [a, b] = [live.head().seq, fresh.head().seq]
      if (a === b) break
      await extend(a < b ? live : fresh, given, Math.max(a, b))
    }
    return { head, differences: differences({ live: link, fresh: file }) }
  } finally {
    removeFile(file)
  }
}

async function build(given: RebuildGiven): Promise<{ file: string; head: Head }> {
  const file = nextFile(linkOf(given.folder, given.register))
  try {
    using projection = Projection.draft(file, given.registry, given.register)
    const { seq } = await given.directory['ledger.head']({ ledger: given.register })
    await extend(projection, given, seq)
    return { file, head: projection.finish(file) }
  } catch (err) {
    removeFile(file)
    throw err
  }
}

async function extend(projection: Projection, given: RebuildGiven, upTo: number): Promise<void> {
  const { register: ledger, directory, progress } = given
  for (let at = projection.head().seq; at < upTo; ) {
    const { entries } = await directory['ledger.read']({ ledger, after: at, limit: Math.min(PAGE, upTo - at) })
    if (entries.length === 0) throw new Error(`${ledger}: the ledger ends after entry ${at}, its head is ${upTo}`)
    at = projection.apply(entries).seq
    progress?.(at, upTo)
  }
}
