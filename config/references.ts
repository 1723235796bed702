import type { JsonPath } from './lines.ts'
import type { AgencyData, Procedure, Province } from './province.ts'

/** What a shape cannot see: uniqueness, references between the files, orders of dates. Each mistake names its file. */
export type TellIn = (file: string, path: JsonPath, wrong: string) => void

type Period = { from: string; to?: string }

/** Called only when every file has its shape. */
export function checkReferences(p: Province, procedureFiles: readonly string[], tell: TellIn): void {
  const seen = new Map<string, string>()
  const unique = (address: string, file: string, path: JsonPath): void => {
    const before = seen.get(address)
    if (before) tell(file, path, `${address} is already used at ${before}`)
    else seen.set(address, `${file} ${path.join('.')}`)
    if (!address.endsWith(`@${p.domain}`)) tell(file, path, `${address} is not in the domain ${p.domain}`)
  }
  unique(p.portal, 'province.json', ['portal'])
  const agencies = new Map<string, AgencyData>()
  const codes = new Set<string>()
  for (const [n, a] of p.agencies.entries()) {
    period(a, 'agencies.json', [n], tell)
    if (agencies.has(a.id)) tell('agencies.json', [n, 'id'], `the agency ${a.id} is given twice`)
    if (codes.has(a.code)) tell('agencies.json', [n, 'code'], `the code ${a.code} is given twice`)
    agencies.set(a.id, a)
    codes.add(a.code)
    checkAgency(a, n, unique, tell)
  }
  const offices = new Map(p.agencies.flatMap((a) => a.offices.map((o) => [o.address, { ...o, agency: a.id }] as const)))
  for (const [n, person] of p.people.entries()) {
    unique(person.address, 'people.json', [n, 'address'])
    period(person, 'people.json', [n], tell)
    const agency = agencies.get(person.agency)
    if (!agency) tell('people.json', [n, 'agency'], `there is no agency ${person.agency}`)
    else if (person.department && !agency.departments.some((d) => d.id === person.department))
      tell('people.json', [n, 'department'], `${person.agency} has no department ${person.department}`)
    for (const [m, hold] of person.holds.entries()) {
      const path = [n, 'holds', m]
      const office = offices.get(hold.office)
      period(hold, 'people.json', path, tell)
      if (!office) tell('people.json', [...path, 'office'], `there is no office ${hold.office}`)
      else {
        if (hold.from < office.from || (office.to && hold.from >= office.to))
          tell('people.json', [...path, 'from'], `${hold.office} does not exist on ${hold.from}`)
        if (office.role === 'register' && hold.rights.some((r) => r !== 'read'))
          tell('people.json', [...path, 'rights'], 'nobody may act or send as a register; give read only')
      }
    }
  }
  const swaps = new Set(p.workingSwaps.map((s) => s.date))
  const days = new Set<string>()
  for (const [n, h] of p.holidays.entries()) {
    if (days.has(h.date)) tell('holidays.json', ['holidays', n, 'date'], `${h.date} is given twice`)
    if (swaps.has(h.date)) tell('holidays.json', ['holidays', n, 'date'], `${h.date} is also a day worked in exchange`)
    days.add(h.date)
  }
  for (const [n, s] of p.workingSwaps.entries())
    if (Temporal.PlainDate.from(s.date).dayOfWeek < 6)
      tell('holidays.json', ['workingSwaps', n, 'date'], `${s.date} is not a Saturday or Sunday`)
  const procedureCodes = new Set<string>()
  for (const [n, procedure] of p.procedures.entries()) {
    const file = procedureFiles[n]!
    if (!agencies.has(procedure.agency)) tell(file, ['agency'], `there is no agency ${procedure.agency}`)
    if (procedureCodes.has(procedure.code)) tell(file, ['code'], `the code ${procedure.code} is given twice`)
    procedureCodes.add(procedure.code)
    checkProcedure(procedure, file, tell)
  }
}

function period(p: Period, file: string, path: JsonPath, tell: TellIn): void {
  if (p.to !== undefined && p.to <= p.from) tell(file, [...path, 'to'], `${p.to} is not after from (${p.from})`)
}

function checkAgency(
  a: AgencyData,
  n: number,
  unique: (a: string, f: string, p: JsonPath) => void,
  tell: TellIn,
): void {
  const file = 'agencies.json'
  const ids = new Set<string>()
  for (const [m, d] of a.departments.entries()) {
    period(d, file, [n, 'departments', m], tell)
    if (ids.has(d.id)) tell(file, [n, 'departments', m, 'id'], `the department ${d.id} is given twice`)
    ids.add(d.id)
  }
  for (const [m, o] of a.offices.entries()) {
    const path = [n, 'offices', m]
    unique(o.address, file, [...path, 'address'])
    period(o, file, path, tell)
    if (o.from < a.from) tell(file, [...path, 'from'], `${o.from} is before the agency's (${a.from})`)
    if (o.department && !ids.has(o.department))
      tell(file, [...path, 'department'], `${a.id} has no department ${o.department}`)
    if (o.role === 'head' && !o.department) tell(file, [...path, 'department'], 'is missing: a head heads a department')
  }
  const register = a.offices.find((o) => o.address === a.register)
  if (register?.role !== 'register')
    tell(file, [n, 'register'], `${a.register} is not an office with the role register`)
  for (const role of ['clerk', 'leader'] as const)
    if (!a.offices.some((o) => o.role === role))
      tell(file, [n, 'offices'], `${a.id} has no office with the role ${role}`)
}

function checkProcedure(procedure: Procedure, file: string, tell: TellIn): void {
  for (const [n, v] of procedure.versions.entries()) {
    const path = ['versions', n]
    const before = procedure.versions[n - 1]
    period(v, file, path, tell)
    if (before && v.version !== before.version + 1)
      tell(file, [...path, 'version'], `must be ${before.version + 1}, one more than the version before`)
    if (before && before.to !== v.from)
      tell(file, [...path, 'from'], 'must be the day on which the version before ends')
    if (!v.lodge && !v.whyNot) tell(file, [...path, 'whyNot'], 'is missing: say why it cannot be lodged and what to do')
    checkForm(v, file, path, tell)
  }
}

// Citizens lose heart: ui.md allows five steps at most.
const MAX_STEPS = 5

function checkForm(v: Procedure['versions'][number], file: string, path: JsonPath, tell: TellIn): void {
  if (v.form.length > MAX_STEPS) tell(file, [...path, 'form'], `has more than ${MAX_STEPS} steps`)
  const fields = new Map<string, Procedure['versions'][number]['form'][number]['fields'][number]>()
  const steps = new Set<string>()
  for (const [s, step] of v.form.entries()) {
    const at = [...path, 'form', s]
    if (steps.has(step.id)) tell(file, [...at, 'id'], `the step ${step.id} is given twice`)
    steps.add(step.id)
    for (const [f, one] of step.fields.entries()) {
      const where = [...at, 'fields', f]
      if (fields.has(one.name)) tell(file, [...where, 'name'], `the field ${one.name} is given twice`)
      if (one.kind === 'number' && one.max < one.min) tell(file, [...where, 'max'], 'is less than min')
      if (one.kind === 'text' && one.pattern !== undefined) regular(one.pattern, file, [...where, 'pattern'], tell)
      if (one.when) {
        const other = fields.get(one.when.field)
        if (other?.kind !== 'choice' || !other.options.some((o) => o.value === one.when?.is))
          tell(file, [...where, 'when'], 'must name an earlier choice field and one of its values')
      }
      fields.set(one.name, one)
    }
  }
  if (v.form.length > 0 && v.form.at(-1)?.shows !== 'review')
    tell(file, [...path, 'form', v.form.length - 1, 'shows'], 'must be "review" in the last step')
  const documents = new Set<string>()
  for (const [d, one] of v.documents.entries()) {
    if (documents.has(one.id)) tell(file, [...path, 'documents', d, 'id'], `the document ${one.id} is given twice`)
    documents.add(one.id)
  }
  if (!v.lodge) return
  if (v.form.length === 0) tell(file, [...path, 'form'], 'is empty, but the procedure can be lodged')
  if (v.documents.length > 0 && !v.form.some((s) => s.shows === 'documents'))
    tell(file, [...path, 'form'], 'has no step that shows the documents')
  if (!v.applicant) tell(file, [...path, 'applicant'], 'is missing: say which fields hold who applies')
  for (const [role, field] of Object.entries(v.applicant ?? {}))
    if (role !== 'kind' && !fields.get(field)?.required)
      tell(file, [...path, 'applicant', role], `"${field}" is not a required field of the form`)
}

function regular(pattern: string, file: string, path: JsonPath, tell: TellIn): void {
  try {
    new RegExp(pattern, 'u')
  } catch (cause) {
    tell(file, path, `is not a regular expression: ${(cause as Error).message}`)
  }
}
