import type { AnyAct } from '#kit/act/registry.ts'
import { letterBodies } from '#kit/message/markup.ts'
import type { Attachment, Bodies } from '#kit/message/write.ts'
import { shortDate } from '#kit/vi/dates.ts'
import { size } from '#kit/vi/words.ts'
import type { CaseRow } from '#workflow/projection/reader.ts'
import { nameOf, type Viewer } from './viewer.ts'

/** The part of a command for people: what was done, with which words, as any mail program shows it. */
export function commandBodies(
  viewer: Viewer,
  row: CaseRow,
  act: AnyAct,
  data: Record<string, unknown>,
  files: readonly Attachment[],
): Bodies {
  const facts: (readonly [string, string])[] = [
    ['Hồ sơ', `${row.code ?? row.case}, ${row.title}`],
    ['Người nộp', row.from],
    ...act.fields.flatMap((f) => {
      const value = data[f.name]
      if (value === undefined || f.kind === 'files') return []
      const one = (v: unknown) =>
        f.kind === 'party' ? nameOf(viewer, String(v)) : f.kind === 'date' ? shortDate(String(v)) : String(v)
      const label = f.kind === 'choice' ? f.options.find((o) => o.value === value)?.label : undefined
      return [[f.label, label ?? [value].flat().map(one).join('; ')] as const]
    }),
    ...files.map((f) => ['Tệp kèm theo', `${f.name} (${size(f.content.byteLength)})`] as const),
  ]
  return letterBodies({
    agency: viewer.agency.name,
    paragraphs: [`${act.title}. ${viewer.person.name} (${viewer.person.address}) làm việc này trên trang Công Sở.`],
    facts,
  })
}
