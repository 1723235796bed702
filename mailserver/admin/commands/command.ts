/** What the commands share: how one runs, what it prints, what it reads from its arguments. */
import { userInfo } from 'node:os'
import { InvalidArgumentError } from 'commander'
import type { Settings } from '#config/settings.ts'
import type { Directory } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { openDirectory } from '../open.ts'

/** a password with its line break; more is not a password */
const passwordInput = 4 * 1024

export type Given = { settings: () => Settings; open?: typeof openDirectory }

/**
 * Runs a command's work with the control API. Exit codes: 0 done, 1 the state refuses it or something is broken, 2 wrong use.
 * Refusals are printed in the words for people.
 */
export async function withDirectory(
  { settings, open = openDirectory }: Given,
  work: (directory: Directory) => Promise<void>,
): Promise<void> {
  await using directory = await open(settings())
  try {
    await work(directory)
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    console.error(`congso: ${err.advice}`)
    process.exitCode = err.status === 400 || err.status === 422 ? 2 : 1
  }
}

/** JSON when asked for, else rows as columns; nothing for no rows. */
export function print(json: boolean | undefined, value: unknown, rows: readonly (readonly string[])[]): void {
  if (json) {
    console.log(JSON.stringify(value, null, 2))
    return
  }
  const widths = rows.reduce<number[]>((w, row) => row.map((cell, i) => Math.max(w[i] ?? 0, cell.length)), [])
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
}

/** "1GB", "500 MB", "0"; units are decimal, as on the pages. @returns octets */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?$/i.exec(text.trim())
  if (!match) throw new InvalidArgumentError('write it like 1GB, 500MB or 0')
  const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf((match[2] ?? 'B').toUpperCase())
  return Math.round(Number(match[1]) * 1000 ** power)
}

/** "200000": a whole number, 0 and more */
export function parseCount(text: string): number {
  const n = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(n)) throw new InvalidArgumentError('a whole number')
  return n
}

export function sizeText(octets: number | undefined): string {
  if (octets === undefined) return '-'
  const power = octets < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(octets) / 3 + 1e-9))
  return `${Number((octets / 1000 ** power).toFixed(1))}${['B', 'KB', 'MB', 'GB', 'TB'][power]}`
}

/** A day (midnight in Vietnam) or an instant with its zone. @returns ISO 8601 with Z */
export function parseInstant(text: string): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00+07:00`) : Date.parse(text)
  if (Number.isNaN(at) || !/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text))
    throw new InvalidArgumentError('write it like 2026-11-24 or 2026-11-24T08:00:00+07:00')
  return new Date(at).toISOString()
}

/** Who is written down as the one who did it: the user of the machine, since nobody has signed in here. */
export const operator = (): string => `${userInfo().username}@cli`

/** The first line of standard input, so that a password is in no process list and no shell history. @throws Error */
export async function readPassword(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > passwordInput) throw new Error('the password on standard input is too long')
  }
  return text.replace(/\r?\n[\s\S]*$/, '')
}
