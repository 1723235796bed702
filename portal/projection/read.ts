import type { FileRef } from '#kit/act/act.ts'
import type { PublicCase, PublicStep } from '#kit/act/family.ts'
import type { SealKey } from '#kit/directory/calls.ts'
import { readMessage } from '#kit/message/read.ts'
import { checkSeal } from '#kit/message/seal.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Update } from './open.ts'

/**
 * One message of the portal's mailbox → what it means for the projection. Only sealed notices of a register of the
 * province count; anything else is skipped with its reason, never shown to a citizen.
 */
export async function readUpdate(
  message: { raw: Buffer; received: Date },
  { keys, registers }: { keys: readonly SealKey[]; registers: ReadonlySet<string> },
): Promise<Update> {
  const seal = await checkSeal(message.raw, { keys, at: message.received.toISOString() })
  if (!seal.ok) return { is: 'skipped', why: seal.seal === 'broken' ? `seal: ${seal.why}` : 'ordinary mail' }
  if (!registers.has(seal.from.toLowerCase())) return { is: 'skipped', why: `${seal.from} is not a register` }
  try {
    const read = readMessage(message.raw)
    if (!read) return { is: 'skipped', why: 'ordinary mail' }
    if (read.is !== 'notice') return { is: 'skipped', why: `a ${read.is}, not a notice` }
    const { notice } = read
    if (notice.ledger.toLowerCase() !== seal.from.toLowerCase())
      return { is: 'skipped', why: `notice of ${notice.ledger} from ${seal.from}` }
    if (notice.seq === 0)
      return { is: 'refused', reference: notice.case, at: notice.at, text: firstParagraph(read.text) }
    const data = readPublicCase(notice.data)
    if (!data || data.case !== notice.case) return { is: 'skipped', why: 'its data is not the public part of its case' }
    return { is: 'case', data, files: notice.files }
  } catch (err) {
    if (err instanceof Refusal) return { is: 'skipped', why: err.message }
    throw err
  }
}

const firstParagraph = (text: string): string =>
  (
    text
      .replaceAll('\r\n', '\n')
      .trim()
      .split(/\n\s*\n/)[0] ?? ''
  )
    .trim()
    .slice(0, 1000)

/** Only what is listed is copied: another member of the data never reaches a page. */
export function readPublicCase(value: unknown): PublicCase | undefined {
  if (!isObject(value)) return undefined
  const { agency, procedure } = value
  if (!isObject(agency) || !isObject(procedure) || !Array.isArray(value['steps'])) return undefined
  const text = (v: unknown): v is string => typeof v === 'string'
  const required = [value['case'], value['secretHash'], value['applicant'], value['stateName'], value['lodgedAt']]
  if (!required.every(text) || !Number.isInteger(value['seq']) || !Number.isInteger(value['outer'])) return undefined
  const result = value['result']
  return {
    case: value['case'] as string,
    seq: value['seq'] as number,
    ...(text(value['code']) ? { code: value['code'] } : {}),
    secretHash: value['secretHash'] as string,
    agency: { id: String(agency['id']), code: String(agency['code']), name: String(agency['name']) },
    procedure: {
      code: String(procedure['code']),
      version: Number(procedure['version']),
      name: String(procedure['name']),
    },
    applicant: value['applicant'] as string,
    outer: value['outer'] as number,
    stateName: value['stateName'] as string,
    lodgedAt: value['lodgedAt'] as string,
    ...(text(value['receivedAt']) ? { receivedAt: value['receivedAt'] } : {}),
    ...(text(value['due']) ? { due: value['due'] } : {}),
    ...(text(value['finishedAt']) ? { finishedAt: value['finishedAt'] } : {}),
    ...(typeof value['onTime'] === 'boolean' ? { onTime: value['onTime'] } : {}),
    steps: value['steps'].filter(isObject).map(readStep),
    ...(isObject(result)
      ? {
          result: { number: String(result['number']), date: String(result['date']), files: readFiles(result['files']) },
        }
      : {}),
  }
}

function readStep(s: Record<string, unknown>): PublicStep {
  return {
    seq: Number(s['seq']),
    at: String(s['at']),
    kind: String(s['kind']),
    text: String(s['text']),
    ...(typeof s['office'] === 'string' ? { office: s['office'] } : {}),
    files: readFiles(s['files']),
  }
}

function readFiles(value: unknown): FileRef[] {
  if (!Array.isArray(value)) return []
  return value.filter(isObject).map((f) => ({
    name: String(f['name']),
    type: String(f['type']),
    size: Number(f['size']),
    sha256: String(f['sha256']),
  }))
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)
