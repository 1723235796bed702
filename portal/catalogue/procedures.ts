import type { Procedure, Province } from '#config/province.ts'
import { matches } from '#kit/vi/fold.ts'

export type Version = Procedure['versions'][number]
export type Listed = { procedure: Procedure; version: Version }

const units = { day: 'ngày', workingDay: 'ngày làm việc', hour: 'giờ' } as const
/** "20 ngày", "07 ngày làm việc" */
export const deadlineWords = ({ amount, unit }: Version['deadline']): string =>
  `${amount < 10 ? `0${amount}` : amount} ${units[unit]}`

/** What a citizen can do here: lodge, write a form to print and sign, or read how it is done. */
export const wayOf = (v: Version): 'lodge' | 'write' | 'read' =>
  v.lodge ? 'lodge' : v.form.length > 0 ? 'write' : 'read'

/** The version in force on a day; drafts keep theirs by number. */
export const versionOn = (p: Procedure, today: string): Version | undefined =>
  p.versions.find((v) => v.from <= today && (v.to === undefined || today < v.to))

export function findVersion(province: Province, code: string, version: number): Listed | undefined {
  const procedure = province.procedures.find((p) => p.code === code)
  const found = procedure?.versions.find((v) => v.version === version)
  return procedure && found ? { procedure, version: found } : undefined
}

const order = { lodge: 0, write: 1, read: 2 }

/** Procedures in force that answer a query, those that can be lodged first; marks in the query rank, none are needed. */
export function catalogue(province: Province, today: string, query = ''): Listed[] {
  return province.procedures
    .flatMap((procedure) => {
      const version = versionOn(procedure, today)
      if (!version) return []
      const text = [procedure.name, procedure.code, procedure.field, version.result, version.who].join(' · ')
      const rank = Math.max(matches(procedure.name, query) * 2, matches(text, query))
      return rank > 0 ? [{ procedure, version, rank }] : []
    })
    .sort((a, b) => b.rank - a.rank || order[wayOf(a.version)] - order[wayOf(b.version)])
}
