/** What the page's search asks for. Pure. */
import type { DeletedWhich } from '#kit/directory/calls.ts'
import { readDate } from '#kit/vi/dates.ts'

/** As typed; `errors` beside the fields that cannot be read. */
export type Asked = { q: string; from: string; to: string; errors?: { tu?: string; den?: string } }

const dayMs = 86_400_000
const howDates = 'Ngày viết như 24/11/2026.'

export function readSearch(given: Readonly<Record<string, unknown>> = {}): Asked {
  const text = (name: string, max: number) => {
    const value = given[name]
    return typeof value === 'string' ? value.trim().slice(0, max) : ''
  }
  const asked = { q: text('q', 200), from: text('tu', 10), to: text('den', 10) }
  const errors = {
    ...(asked.from !== '' && !readDate(asked.from) && { tu: howDates }),
    ...(asked.to !== '' && !readDate(asked.to) && { den: howDates }),
  }
  return Object.keys(errors).length > 0 ? { ...asked, errors } : asked
}

/** Of a search without errors: each word, in any order; days from their beginning to their end in Vietnam. */
export function whichOf({ q, from, to }: Asked): DeletedWhich {
  const words = q.split(/\s+/).filter((word) => word !== '')
  const start = (typed: string, add = 0) =>
    new Date(Date.parse(`${readDate(typed)}T00:00:00+07:00`) + add * dayMs).toISOString()
  return {
    ...(words.length > 0 && { words: words.slice(0, 20) }),
    ...(from !== '' && { since: start(from) }),
    ...(to !== '' && { before: start(to, 1) }),
  }
}
