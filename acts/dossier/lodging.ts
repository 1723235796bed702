/**
 * The data part of `dossier.lodge`, as the portal writes it and `lodge.ts` reads it. `case` of the command is
 * the lodging reference; the secret itself never travels, only its hash; files are attachments of the message,
 * named here by their SHA-256.
 */
import type { ActRefusal } from '#kit/act/act.ts'

export const applicantKinds = ['person', 'business', 'household', 'organisation'] as const
export type ApplicantKind = (typeof applicantKinds)[number]

export type Applicant = {
  kind: ApplicantKind
  name: string
  /** CCCD, or mã số thuế */
  idNumber: string
  email: string
  phone: string
  address: string
}
/** One answer of the form as the applicant saw it; `value` is text for people (a choice's label, a Vietnamese date). */
export type FormValue = { name: string; label: string; value: string; group?: string }
export type LodgedDocument = { id: string; name: string; files: string[] }

export type Lodging = {
  /** SHA-256, lower hex, of the lookup secret in UTF-8 */
  secretHash: string
  /** `name` is printed on letters; code and version decide */
  procedure: { code: string; version: number; name: string }
  applicant: Applicant
  /** in the order of the form */
  values: FormValue[]
  documents: LodgedDocument[]
}

// A form of the five procedures has under 60 answers of at most 4,000 characters; five times that is no form.
const MAX_VALUES = 300
const MAX_TEXT = 8_000
// The largest list of documents in domain.md §4 has 11; a supplement may bring several scans of each.
const MAX_DOCUMENTS = 60

/** Pure and strict: unknown members are refused, nothing is copied that is not listed here. */
export function readLodging(data: unknown): { data: Lodging } | ActRefusal {
  const problems: string[] = []
  const top = members(data, 'data', ['secretHash', 'procedure', 'applicant', 'values', 'documents'], problems)
  const procedure = members(top.procedure, 'procedure', ['code', 'version', 'name'], problems)
  const person = members(
    top.applicant,
    'applicant',
    ['kind', 'name', 'idNumber', 'email', 'phone', 'address'],
    problems,
  )
  const str = (from: Record<string, unknown>, name: string, pattern?: RegExp, max = 500): string => {
    const v = from[name]
    if (typeof v !== 'string' || v.length > max || (pattern && !pattern.test(v))) problems.push(name)
    return typeof v === 'string' ? v.normalize('NFC') : ''
  }
  const list = (value: unknown, name: string, max: number): unknown[] => {
    if (Array.isArray(value) && value.length <= max) return value
    problems.push(name)
    return []
  }
  const version = procedure.version
  if (!Number.isInteger(version) || (version as number) < 1) problems.push('procedure.version')
  const kind = person.kind as ApplicantKind
  if (!applicantKinds.includes(kind)) problems.push('applicant.kind')
  const lodging: Lodging = {
    secretHash: str(top, 'secretHash', /^[0-9a-f]{64}$/),
    procedure: {
      code: str(procedure, 'code', /^[\w.-]{3,40}$/),
      version: version as number,
      name: str(procedure, 'name', /\S/),
    },
    applicant: {
      kind,
      name: str(person, 'name', /\S/),
      idNumber: str(person, 'idNumber', undefined, 40),
      // one address and nothing that could end a header line; the mail server checks the rest
      email: str(person, 'email', /^[^\s<>(),;:\\"[\]@]+@[^\s<>(),;:\\"[\]@]+$/, 254),
      phone: str(person, 'phone', undefined, 40),
      address: str(person, 'address'),
    },
    values: list(top.values, 'values', MAX_VALUES).map((v) => {
      const row = members(v, 'values', ['name', 'label', 'value', 'group'], problems)
      const group = row.group === undefined ? {} : { group: str(row, 'group') }
      return {
        name: str(row, 'name', /^\w+$/),
        label: str(row, 'label'),
        value: str(row, 'value', undefined, MAX_TEXT),
        ...group,
      }
    }),
    documents: list(top.documents, 'documents', MAX_DOCUMENTS).map((d) => {
      const row = members(d, 'documents', ['id', 'name', 'files'], problems)
      const files = list(row.files, 'documents.files', MAX_DOCUMENTS).map((f) => {
        if (typeof f !== 'string' || !/^[0-9a-f]{64}$/.test(f)) problems.push('documents.files')
        return String(f)
      })
      return { id: str(row, 'id'), name: str(row, 'name'), files }
    }),
  }
  if (problems.length === 0) return { data: lodging }
  return { refused: `Hồ sơ gửi lên không đọc được: sai ở ${[...new Set(problems)].slice(0, 10).join(', ')}.` }
}

function members(value: unknown, name: string, known: readonly string[], problems: string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(name)
    return {}
  }
  for (const key of Object.keys(value)) if (!known.includes(key)) problems.push(`${name}.${key}`.slice(0, 80))
  return value as Record<string, unknown>
}
