import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type JsonPath, type LocatedJson, parseJson } from './lines.ts'
import type { AgencyData, PersonData, Procedure, Province } from './province.ts'
import { checkReferences } from './references.ts'
import type { Check } from './shape.ts'
import { agenciesShape, holidaysShape, peopleShape, procedureShape, provinceShape } from './shapes.ts'

const provincesFolder = join(import.meta.dirname, 'provinces')

/** The folder of a province by its id, as the setting `province` names it. */
export const provinceFolder = (id: string): string => join(provincesFolder, id)

// A list of the same mistake in 400 people helps nobody; the first ones do.
const MOST_PROBLEMS = 50

/**
 * Reads and checks every file of a province.
 * @param dir folder that holds province.json, agencies.json, people.json, holidays.json and procedures/*.json
 * @throws Error whose message has one line for each mistake: "<file>:<line>: <field>: <what is wrong>"
 */
export function loadProvince(dir: string): Province {
  const problems: string[] = []
  const files = new Map<string, LocatedJson>()
  const say = (file: string, line: number, path: JsonPath, wrong: string): void => {
    problems.push(`${join(dir, file)}:${line}: ${path.length ? `${fieldName(path)}: ` : ''}${wrong}`)
  }
  const tell = (file: string, path: JsonPath, wrong: string): void =>
    say(file, files.get(file)?.lineOf(path) ?? 1, path, wrong)

  function read(file: string, check: Check): unknown {
    try {
      const json = parseJson(readFileSync(join(dir, file), 'utf8'))
      files.set(file, json)
      check(json.value, [], (path, wrong) => tell(file, path, wrong))
      return json.value
    } catch (cause) {
      if (cause instanceof SyntaxError) problems.push(`${join(dir, file)}:${cause.message}`)
      else problems.push(`${join(dir, file)}:1: cannot be read: ${(cause as Error).message}`)
      return undefined
    }
  }

  const head = read('province.json', provinceShape)
  const agencies = read('agencies.json', agenciesShape) as AgencyData[]
  const people = read('people.json', peopleShape) as PersonData[]
  const days = read('holidays.json', holidaysShape)
  const procedureFiles = procedureNames(dir, problems)
  const procedures = procedureFiles.map((file) => read(file, procedureShape) as Procedure)
  stopIf(problems)

  const province = {
    id: basename(resolve(dir)),
    ...(head as object),
    agencies,
    people,
    procedures,
    ...(days as object),
  } as unknown as Province
  checkReferences(province, procedureFiles, tell)
  stopIf(problems)
  return province
}

function procedureNames(dir: string, problems: string[]): string[] {
  try {
    return readdirSync(join(dir, 'procedures'))
      .filter((f) => f.endsWith('.json'))
      .sort()
      .map((f) => `procedures/${f}`)
  } catch (cause) {
    problems.push(`${join(dir, 'procedures')}:1: cannot be read: ${(cause as Error).message}`)
    return []
  }
}

function stopIf(problems: readonly string[]): void {
  if (problems.length === 0) return
  const more = problems.length - MOST_PROBLEMS
  throw new Error([...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'))
}

const fieldName = (path: JsonPath): string =>
  path.map((p, n) => (typeof p === 'number' ? `[${p}]` : n === 0 ? p : `.${p}`)).join('')
