/** The workflow's part of `congso verify`: reads each register's mailbox over IMAP and recounts it from the octets. */
import { createHash } from 'node:crypto'
import type { Address, Directory, SealKey } from '#kit/directory/calls.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import { readMessage } from '#kit/message/read.ts'
import { checkSeal } from '#kit/message/seal.ts'
import { Refusal } from '#kit/refusal.ts'
import { ProjectionReader } from '../projection/reader.ts'
import { compareHandled, compareLines, type Line, type RawEntry, recount } from './recount.ts'

const PAGE = 200

export type VerifyGiven = {
  registers: readonly Address[]
  directory: Pick<Directory, 'auth.serviceToken' | 'keys.list' | 'ledger.read' | 'ledger.head'>
  mail: Omit<MailAccess, 'user' | 'token'>
  projections: string
  progress?: (register: Address, entries: number) => void
}

/** @returns findings of all registers, English sentences; none when everything is sound */
export async function verifyRegisters(given: VerifyGiven): Promise<{ findings: string[]; entries: number }> {
  const { keys } = await given.directory['keys.list']({})
  const findings: string[] = []
  let entries = 0
  for (const register of given.registers) {
    const one = await verifyRegister(register, keys, given)
    findings.push(...one.findings)
    entries += one.entries
    given.progress?.(register, one.entries)
  }
  return { findings, entries }
}

async function verifyRegister(
  register: Address,
  keys: readonly SealKey[],
  given: VerifyGiven,
): Promise<{ findings: string[]; entries: number }> {
  const { token } = await given.directory['auth.serviceToken']({ mailbox: register })
  await using account = await openAccount({ ...given.mail, user: register, token })
  const findings: string[] = []
  // the head is read first: what is committed while we read is not counted
  const { seq: upTo, hash } = await given.directory['ledger.head']({ ledger: register })
  const raw: RawEntry[] = []
  for await (const entry of rawEntries(account, register, keys, upTo, given, findings)) raw.push(entry)
  const counted = recount(register, raw)
  findings.push(...counted.findings)
  if (counted.entries !== upTo)
    findings.push(`${register}: the ledger has ${counted.entries} entries, its head says ${upTo}`)
  const last = raw.at(-1)
  if (last && sha256(last.data) !== hash)
    findings.push(`${register}: the hash of the head is not that of the last entry`)
  findings.push(...compareHandled(register, counted.commands, await handledIds(account)))
  findings.push(...registerLines(register, given.projections, upTo, counted))
  return { findings, entries: counted.entries }
}

/** Entries in the order of their folders and UIDs, which is the order of the chain. */
async function* rawEntries(
  account: MailAccount,
  register: Address,
  keys: readonly SealKey[],
  upTo: number,
  given: VerifyGiven,
  findings: string[],
): AsyncGenerator<RawEntry> {
  let seen = 0
  let indexed: readonly { data: string }[] = []
  let indexedFrom = 0
  for (const folder of await foldersBelow(account, 'Ledger'))
    for (const uid of (await account.search({ folder, query: { all: true } })).reverse()) {
      if (seen >= upTo) return
      if (seen >= indexedFrom + indexed.length) {
        indexedFrom = seen
        indexed = (await given.directory['ledger.read']({ ledger: register, after: seen, limit: PAGE })).entries
      }
      const where = `${register} ${folder} UID ${uid}`
      const message = await account.message({ folder, uid })
      const sealed = await checkSeal(message.raw, { keys, at: message.received.toISOString(), register })
      if (!sealed.ok) findings.push(`${where}: seal ${sealed.seal}: ${sealed.why}`)
      else if (sealed.from !== register) findings.push(`${where}: sealed by ${sealed.from}`)
      const read = readRaw(message.raw, where, findings)
      if (read) {
        const entry = indexed[seen - indexedFrom]?.data
        yield { folder, uid, ...read, ...(entry === undefined ? {} : { indexed: entry }) }
      }
      seen++
    }
}

function readRaw(
  raw: Buffer,
  where: string,
  findings: string[],
): Pick<RawEntry, 'messageId' | 'data' | 'files'> | undefined {
  try {
    const read = readMessage(raw)
    if (read?.is === 'event')
      return { messageId: read.head.messageId, data: read.data, files: read.files.map((f) => f.ref.sha256) }
    findings.push(`${where}: not an event`)
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    findings.push(`${where}: ${err.message}`)
  }
  return undefined
}

async function handledIds(account: MailAccount): Promise<string[]> {
  const ids: string[] = []
  for (const folder of await foldersBelow(account, 'Handled')) {
    const uids = await account.search({ folder, query: { all: true } })
    for (let i = 0; i < uids.length; i += PAGE)
      for (const row of await account.summaries({ folder, uids: uids.slice(i, i + PAGE) })) ids.push(row.messageId)
  }
  return ids
}

/** What the desk shows, when its projection has come as far as the ledger. */
function registerLines(
  register: Address,
  folder: string,
  upTo: number,
  counted: { arrivals: Line[]; outgoing: Line[] },
): string[] {
  using reader = new ProjectionReader(folder, register)
  const head = reader.head()
  if (!head) return upTo === 0 ? [] : [`${register}: there is no projection`]
  if (head.seq < upTo) return [`${register}: the projection is at entry ${head.seq}, the ledger at ${upTo}`]
  if (head.seq > upTo) return [] // more was committed while we read: the next run compares
  const { arrivals, outgoing } = reader.allNumbers()
  return [
    ...compareLines(register, 'số đến', arrivals, counted.arrivals),
    ...compareLines(register, 'số văn bản đi', outgoing, counted.outgoing),
  ]
}

async function foldersBelow(account: MailAccount, top: string): Promise<string[]> {
  return (await account.folders())
    .map((f) => f.path)
    .filter((path) => path.startsWith(`${top}/`))
    .sort()
}

function sha256(data: string): string {
  return createHash('sha256').update(data).digest('hex')
}
