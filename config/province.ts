import type { Address, Grant, LocalDate, OfficeRole } from '#kit/directory/calls.ts'

/**
 * A province as data: `config/provinces/<name>/{province,agencies,people,procedures/*,holidays}.json`, checked
 * on load (`loadProvince` in `config/load.ts`) with a message that names file, line and field. Everything dated
 * holds from `from` (inclusive) to `to` (exclusive). All names of persons are invented.
 */
type Dated = { from: LocalDate; to?: LocalDate }

export type Province = {
  /** folder name, "haiduong" */
  id: string
  name: string
  /** địa danh as documents print it, "Hải Dương" */
  place: string
  domain: string
  /** the portal's service account */
  portal: Address
  agencies: readonly AgencyData[]
  people: readonly PersonData[]
  procedures: readonly Procedure[]
  holidays: readonly { date: LocalDate; name: string; source: string }[]
  /** weekends worked in exchange for a weekday off */
  workingSwaps: readonly { date: LocalDate; source: string }[]
}

export type AgencyData = Dated & {
  id: string
  code: string
  name: string
  parentName?: string
  abbreviation: string
  place: string
  address: string
  phone?: string
  register: Address
  departments: readonly (Dated & { id: string; name: string; abbreviation: string })[]
  offices: readonly (Dated & { address: Address; name: string; role: OfficeRole; department?: string })[]
}

export type PersonData = Dated & {
  address: Address
  name: string
  agency: string
  department?: string
  title: string
  /** a demonstration password is set for it in local start */
  demo?: true
  holds: readonly (Dated & { office: Address; rights: Grant['rights'] })[]
}

export type TimeUnit = 'day' | 'workingDay' | 'hour'

/** One version of a procedure's public information and form (NĐ 63/2010 Đ.8; domain §4). A case keeps its version. */
export type Procedure = {
  code: string
  name: string
  /** id of the agency that receives it */
  agency: string
  field: string
  versions: readonly (Dated & {
    version: number
    legalBasis: readonly string[]
    level: 1 | 2 | 3 | 4
    mode: 'thông tin' | 'một phần' | 'toàn trình'
    /** false: the page says why and how to lodge otherwise */
    lodge: boolean
    whyNot?: string
    deadline: { amount: number; unit: TimeUnit }
    fee: string
    who: string
    authority: string
    result: string
    steps: readonly string[]
    ways: readonly string[]
    conditions: readonly string[]
    documents: readonly {
      id: string
      name: string
      originals: number
      copies: number
      formNumber?: string
      /** the portal prints it from the answers, to be signed and uploaded */
      fromForm?: true
      required: boolean
      accept: readonly string[]
    }[]
    form: readonly FormStep[]
    /** who applies: the kind, and the names of the form's fields that say the rest; required where `lodge` is true */
    applicant?: {
      kind: 'person' | 'business' | 'household' | 'organisation'
      name: string
      email: string
      phone: string
      idNumber: string
      address: string
    }
  })[]
}

/** `shows`: the step lists the procedure's documents for uploading, or everything given so far before lodging. */
export type FormStep = {
  id: string
  title: string
  help?: string
  shows?: 'documents' | 'review'
  fields: readonly FormField[]
}
/** A field of a citizen's form; `name` is unique in the procedure. */
export type FormField = {
  name: string
  label: string
  help?: string
  required: boolean
  /** shown only when another field has this value */
  when?: { field: string; is: string }
} & (
  | { kind: 'text'; max: number; lines?: number; pattern?: string; patternHelp?: string }
  | { kind: 'email' | 'phone' | 'taxCode' | 'cccd' }
  | {
      kind: 'number'
      min: number
      max: number
      unit?: string /** decimals allowed after the comma; none when absent */
      decimals?: number
    }
  | { kind: 'date'; min?: LocalDate | 'today'; max?: LocalDate | 'today' }
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
  | { kind: 'yes'; statement: string }
)
