import { officeRights, officeRoles } from '#kit/directory/calls.ts'
import { address, type Check, date, dated, list, object, oneOf, text, truth, whole } from './shape.ts'

/** The shapes of the files of a province, field by field as in `province.ts`. References are checked in `references.ts`. */
const id = text({ max: 30, pattern: /^[a-z][a-z0-9]*$/, like: 'a word of a–z and 0–9' })
const name = text({ max: 250 })
const right = oneOf(officeRights)
const code = text({ max: 35, pattern: /^[A-Z0-9]+(\.[A-Z0-9]+)*$/, like: '000.00.15.H23 (QĐ 20/2020)' })

export const provinceShape = object({ name, place: name, domain: text({ max: 190 }), portal: address })

export const agenciesShape = list(
  object(
    {
      id,
      code,
      name,
      abbreviation: text({ max: 30 }),
      place: name,
      address: name,
      register: address,
      departments: list(object({ id, name, abbreviation: text({ max: 30 }), ...dated.required }, dated.optional)),
      offices: list(
        object({ address, name, role: oneOf(officeRoles), ...dated.required }, { department: id, ...dated.optional }),
        { min: 1 },
      ),
      ...dated.required,
    },
    { parentName: name, phone: text({ max: 40 }), ...dated.optional },
  ),
  { min: 1 },
)

export const peopleShape = list(
  object(
    {
      address,
      name: text({ max: 100, pattern: /^\S+( \S+)+$/, like: '"Họ Đệm Tên", one space between' }),
      agency: id,
      title: name,
      holds: list(object({ office: address, rights: list(right, { min: 1 }), ...dated.required }, dated.optional)),
      ...dated.required,
    },
    { department: id, demo: oneOf([true]), ...dated.optional },
  ),
)

export const holidaysShape = object({
  holidays: list(object({ date, name, source: name })),
  workingSwaps: list(object({ date, source: name })),
})

const accept = list(oneOf(['pdf', 'jpg', 'png', 'docx']), { min: 1 })
const todayOrDate: Check = (value, path, tell) => (value === 'today' ? undefined : date(value, path, tell))
const option = object({
  value: text({ max: 60, pattern: /^[a-z0-9-]+$/, like: 'a value of a–z, 0–9 and -' }),
  label: name,
})

/** A number with at most one decimal, as limits of number fields are. */
const limit: Check = (value, path, tell) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) tell(path, 'must be a number')
}
const byKind: Record<string, [required: Record<string, Check>, optional: Record<string, Check>]> = {
  text: [{ max: whole(1, 20_000) }, { lines: whole(1, 30), pattern: name, patternHelp: name }],
  email: [{}, {}],
  phone: [{}, {}],
  taxCode: [{}, {}],
  cccd: [{}, {}],
  number: [
    { min: limit, max: limit },
    { unit: text({ max: 20 }), decimals: whole(1, 3) },
  ],
  date: [{}, { min: todayOrDate, max: todayOrDate }],
  choice: [{ options: list(option, { min: 2 }) }, {}],
  yes: [{ statement: text({ max: 1000 }) }, {}],
}
const fieldName = text({ max: 40, pattern: /^[a-z][a-zA-Z0-9]*$/, like: 'tenCoQuan' })

const field: Check = (value, path, tell) => {
  const kind = (value as { kind?: unknown } | null)?.kind
  const parts = typeof kind === 'string' && Object.hasOwn(byKind, kind) ? byKind[kind] : undefined
  if (!parts)
    return tell([...path, 'kind'], `is ${JSON.stringify(kind)}; it must be one of ${Object.keys(byKind).join(', ')}`)
  const when = object({ field: fieldName, is: text({ max: 60 }) })
  object(
    { name: fieldName, label: name, required: truth, kind: text(), ...parts[0] },
    { help: name, when, ...parts[1] },
  )(value, path, tell)
}

const stepId = text({ max: 40, pattern: /^[a-z][a-z0-9-]*$/, like: 'co-quan' })
const step = object(
  { id: stepId, title: name, fields: list(field) },
  { help: name, shows: oneOf(['documents', 'review']) },
)

const version = object(
  {
    version: whole(1, 999),
    legalBasis: list(name, { min: 1 }),
    level: oneOf([1, 2, 3, 4]),
    mode: oneOf(['thông tin', 'một phần', 'toàn trình']),
    lodge: truth,
    deadline: object({ amount: whole(1, 400), unit: oneOf(['day', 'workingDay', 'hour']) }),
    fee: name,
    who: name,
    authority: name,
    result: name,
    steps: list(text(), { min: 1 }),
    ways: list(text(), { min: 1 }),
    conditions: list(text()),
    documents: list(
      object(
        { id: fieldName, name: text(), originals: whole(0, 9), copies: whole(0, 9), required: truth, accept },
        { formNumber: name, fromForm: oneOf([true]) },
      ),
    ),
    form: list(step),
    ...dated.required,
  },
  {
    whyNot: text(),
    applicant: object({
      kind: oneOf(['person', 'business', 'household', 'organisation']),
      name: fieldName,
      email: fieldName,
      phone: fieldName,
      idNumber: fieldName,
      address: fieldName,
    }),
    ...dated.optional,
  },
)

export const procedureShape = object({
  code: text({ max: 40, pattern: /^[0-9A-Z]+(\.[0-9A-Z]+)*$/, like: '1.009374' }),
  name,
  agency: id,
  field: name,
  versions: list(version, { min: 1 }),
})
