/**
 * Recounts a register from the octets of its mailbox, by code of its own: nothing of the acts or the projection is used here, so
 * a fault in them shows. Pure: what to read is the caller's business. Findings are English sentences, none when sound.
 */
import { createHash } from 'node:crypto'

/** One message of `Ledger/*`: its data part as decoded octets, and the same entry as the store's index gives it. */
export type RawEntry = {
  folder: string
  uid: number
  messageId: string
  data: string
  indexed?: string
  files: readonly string[]
}
export type Line = { year: number; n: number; case: string }
export type Recount = { findings: string[]; arrivals: Line[]; outgoing: Line[]; commands: Set<string>; entries: number }

type Loose = Record<string, unknown>

export function recount(ledger: string, entries: Iterable<RawEntry>): Recount {
  const findings: string[] = []
  const arrivals: Line[] = []
  const outgoing: Line[] = []
  const codes = new Map<string, string>()
  const ordinals = new Map<string, number[]>()
  const received = new Map<string, number>()
  const commands = new Set<string>()
  const lodged = new Set<string>()
  let expected = 1
  let previous = '0'.repeat(64)
  for (const entry of entries) {
    const where = `${ledger} ${entry.folder} UID ${entry.uid}`
    const event = parsed(entry.data)
    if (!event) {
      findings.push(`${where}: the data part is not JSON`)
      continue
    }
    if (event['seq'] !== expected) findings.push(`${where}: entry ${event['seq']} where ${expected} was due`)
    if (event['prev'] !== previous)
      findings.push(`${where}: entry ${event['seq']} does not name the hash of the one before`)
    if (event['ledger'] !== ledger) findings.push(`${where}: entry of ${event['ledger']}`)
    if (entry.indexed !== undefined && entry.indexed !== entry.data)
      findings.push(`${where}: the ledger's index and the message differ`)
    expected = Number(event['seq']) + 1
    previous = createHash('sha256').update(entry.data).digest('hex')

    const named = list(event['files']).map((f) => String((f as Loose)['sha256']))
    if (named.join() !== entry.files.join())
      findings.push(`${where}: the attachments are not those that the event names`)
    const command = String(event['command'])
    if (commands.has(command)) findings.push(`${where}: the command ${command} was done twice`)
    commands.add(command)

    const id = String(event['case'])
    const data = (event['data'] ?? {}) as Loose
    switch (event['kind']) {
      case 'dossier.lodge':
        if (lodged.has(id)) findings.push(`${where}: ${id} was lodged twice`)
        lodged.add(id)
        break
      case 'dossier.receive': {
        received.set(id, (received.get(id) ?? 0) + 1)
        const arrival = (data['arrival'] ?? {}) as Loose
        arrivals.push({ year: Number(arrival['year']), n: Number(arrival['n']), case: id })
        const code = String(data['code'])
        if (codes.has(code)) findings.push(`${where}: mã hồ sơ ${code} was given to ${codes.get(code)} and ${id}`)
        codes.set(code, id)
        const cut = code.lastIndexOf('-')
        const day = code.slice(0, cut)
        ordinals.set(day, [...(ordinals.get(day) ?? []), Number(code.slice(cut + 1))])
        break
      }
      case 'dossier.issue':
        outgoing.push({ year: Number(data['year']), n: Number(data['n']), case: id })
    }
    if (!lodged.has(id)) findings.push(`${where}: ${String(event['kind'])} of ${id}, which was never lodged`)
  }
  for (const [id, times] of received) if (times > 1) findings.push(`${ledger}: ${id} was received ${times} times`)
  for (const [day, given] of ordinals)
    findings.push(...gaps(given).map((n) => `${ledger}: mã hồ sơ ${day}-${n} is missing or doubled`))
  findings.push(...holes(ledger, 'số đến', arrivals), ...holes(ledger, 'số văn bản đi', outgoing))
  return { findings, arrivals, outgoing, commands, entries: expected - 1 }
}

/** Lines of the pages' registers against the recount. */
export function compareLines(ledger: string, what: string, shown: readonly Line[], counted: readonly Line[]): string[] {
  const key = (l: Line): string => `${l.year}/${l.n} ${l.case}`
  const a = new Set(shown.map(key))
  const b = new Set(counted.map(key))
  return [
    ...[...b].filter((l) => !a.has(l)).map((l) => `${ledger}: ${what} ${l} is in the ledger and not in the register`),
    ...[...a].filter((l) => !b.has(l)).map((l) => `${ledger}: ${what} ${l} is in the register and not in the ledger`),
  ]
}

/** Every command of an entry is filed in `Handled/*`; one that was sent again is filed again. */
export function compareHandled(ledger: string, commands: ReadonlySet<string>, handled: readonly string[]): string[] {
  const filed = new Set(handled)
  return [...commands]
    .filter((id) => !filed.has(id))
    .map((id) => `${ledger}: the command ${id} is not filed under Handled`)
}

function holes(ledger: string, what: string, lines: readonly Line[]): string[] {
  const years = new Map<number, number[]>()
  for (const { year, n } of lines) years.set(year, [...(years.get(year) ?? []), n])
  return [...years].flatMap(([year, given]) =>
    gaps(given).map((n) => `${ledger}: ${what} ${n} of ${year} is missing or doubled`),
  )
}

/** Numbers that keep 1, 2, 3 … from being contiguous. */
function gaps(given: readonly number[]): number[] {
  const sorted = [...given].sort((a, b) => a - b)
  return sorted.flatMap((n, i) => (n === (sorted[i - 1] ?? 0) + 1 ? [] : [n]))
}

function parsed(data: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Loose) : undefined
  } catch {
    return undefined // reported by the caller as a finding
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
