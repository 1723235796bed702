/**
 * What a person typed into a form drawn by `parts/fields`, as the plain data that `checkFields` (kit/act/fields.ts) reads.
 * Checking is there, once, for pages, replies and machines alike.
 */
import type { Field } from '#kit/act/act.ts'

export type FormBody = Readonly<Record<string, string | string[] | undefined>>
/** Who may be chosen in a field of parties; `note` stands beside the name: a title, a department. */
export type Party = { address: string; name: string; note?: string }

/** Only declared fields; a list for fields of many parties, else the first text. Files travel apart. */
export function formData(fields: readonly Field[], body: FormBody): Record<string, string | string[]> {
  const data: Record<string, string | string[]> = {}
  for (const field of fields) {
    const typed = [body[field.name] ?? []].flat().filter((t) => t !== '')
    if (field.kind === 'files' || typed.length === 0) continue
    data[field.name] = field.kind === 'party' && field.many ? typed : typed[0]!
  }
  return data
}
