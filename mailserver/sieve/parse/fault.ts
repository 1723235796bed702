import type { At } from './tree.ts'

/** What is wrong, where, for a person: both languages. */
export type Fault = At & { vi: string; en: string }

/** Thrown where reading cannot go on. */
export class SieveFault extends Error {
  override name = 'SieveFault'
  readonly fault: Fault
  constructor(at: At, vi: string, en: string) {
    super(`${at.line}:${at.column}: ${en}`)
    this.fault = { line: at.line, column: at.column, vi, en }
  }
}

/** One line: "dòng 3, cột 5: … / line 3, column 5: …" */
export const tellFault = (f: Fault): string =>
  `dòng ${f.line}, cột ${f.column}: ${f.vi} / line ${f.line}, column ${f.column}: ${f.en}`

/** A script's own text in a message: short, and on one line. */
export const quote = (text: string): string => {
  const line = text.replaceAll(/\p{Cc}/gu, ' ')
  return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`
}
