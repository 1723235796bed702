import { fold, splitAddress } from '#mailserver/accounts/address.ts'
import { isForeignHash } from '#mailserver/accounts/foreignhash.ts'
import { directoryPassword } from '#mailserver/accounts/judge.ts'
import { passwordLeast, passwordLimit } from '#mailserver/accounts/password.ts'
import { parseCsv } from './csv.ts'

export type Person = {
  line: number
  address: string
  name: string
  title?: string
  agency?: string
  quota?: number
  password?: string
  /** as another mail server kept it */
  passwordHash?: string
}

/** heading as people write it, without marks and case → what it is */
const headings: Record<string, keyof Omit<Person, 'line'>> = {
  address: 'address',
  email: 'address',
  'dia chi': 'address',
  'dia chi thu': 'address',
  name: 'name',
  'ho ten': 'name',
  'ho va ten': 'name',
  title: 'title',
  'chuc vu': 'title',
  agency: 'agency',
  'co quan': 'agency',
  quota: 'quota',
  'dung luong': 'quota',
  password: 'password',
  'mat khau': 'password',
  'password hash': 'passwordHash',
  password_hash: 'passwordHash',
  'ma bam': 'passwordHash',
}

/**
 * A list of people to get mailboxes. Every row is checked before any is used.
 *
 * @param size reads "1GB"; throws for what is no size
 * @returns people, or what is wrong, one sentence for each line
 */
export function readPeople(
  text: string,
  size: (text: string) => number,
  plain: (text: string) => string,
): { people: Person[] } | { wrong: string[] } {
  const [head, ...rows] = parseCsv(text)
  if (!head) return { wrong: ['the list is empty'] }
  const columns = head.fields.map((h) => headings[plain(h)])
  const unknown = head.fields.filter((_, i) => columns[i] === undefined)
  const wrong: string[] = []
  if (unknown.length > 0)
    wrong.push(
      `line 1: there is no column "${unknown.join('", "')}"; there are address, name, title, agency, quota, password, password_hash`,
    )
  for (const needed of ['address', 'name'] as const)
    if (!columns.includes(needed)) wrong.push(`line 1: the column ${needed} is missing`)
  if (wrong.length > 0) return { wrong }

  const seen = new Map<string, number>()
  const people = rows.map(({ line, fields }): Person => {
    const tell = (what: string) => wrong.push(`line ${line}: ${what}`)
    const cells: Partial<Record<keyof Person, string>> = {}
    for (const [i, cell] of fields.entries()) if (columns[i] && cell !== '') cells[columns[i]] = cell
    if (fields.length > columns.length) tell(`has ${fields.length} fields, the heading ${columns.length}`)
    const address = fold(cells.address ?? '')
    if (!splitAddress(address)) tell(`"${address}" is not an address`)
    const before = seen.get(address)
    if (before !== undefined) tell(`${address} is on line ${before} already`)
    else seen.set(address, line)
    if (!cells.name) tell('the name is missing')
    const { password, passwordHash } = cells
    if (password !== undefined && (password.length < passwordLeast || password.length > passwordLimit))
      tell(`the password has fewer than ${passwordLeast} or more than ${passwordLimit} characters`)
    if (passwordHash !== undefined && passwordHash !== directoryPassword && !isForeignHash(passwordHash))
      tell('the password hash is of no kind that is known')
    if (password !== undefined && passwordHash !== undefined) tell('has a password and a hash of one')
    const person: Person = { line, address, name: cells.name ?? '' }
    if (cells.title) person.title = cells.title
    if (cells.agency) person.agency = cells.agency
    if (password) person.password = password
    if (passwordHash) person.passwordHash = passwordHash
    if (cells.quota)
      try {
        person.quota = size(cells.quota)
      } catch {
        tell(`"${cells.quota}" is not a size like 1GB`)
      }
    return person
  })
  return wrong.length > 0 ? { wrong } : { people }
}
