import { decodeCharset } from '#mailserver/mime/charset.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { undone } from '#mailserver/mime/text.ts'

export type SunkLetter = {
  subject: string
  header: string
  text: string
  html?: string
  attachments: { part: string; name: string; type: string; size: number }[]
}

/** A taken message as its page shows it: the octets say everything. */
export function readSunk(raw: Buffer): SunkLetter {
  const index = indexMessage(raw)
  const leaves = [...leavesOf(index.structure)]
  const shown = (type: string) => leaves.find((p) => p.type === type && p.disposition !== 'attachment' && !p.filename)
  const text = shown('text/plain')
  const html = shown('text/html')
  return {
    subject: index.subject || '(không có chủ đề)',
    header: index.headerText,
    text: text ? textOf(raw, text) : '',
    ...(html ? { html: textOf(raw, html) } : {}),
    attachments: leaves
      .filter((p) => p !== text && p !== html)
      .map((p) => ({
        part: p.number,
        name: p.filename ?? `phần ${p.number}`,
        type: p.type,
        size: contentOf(raw, p).length,
      })),
  }
}

/** A part's octets with the transfer encoding undone. */
export function partOf(raw: Buffer, number: string): { part: MimePart; content: Buffer } | undefined {
  const part = [...leavesOf(indexMessage(raw).structure)].find((p) => p.number === number)
  return part && { part, content: contentOf(raw, part) }
}

const contentOf = (raw: Buffer, p: MimePart): Buffer => undone(raw.subarray(p.bodyStart, p.bodyEnd), p.encoding)
const textOf = (raw: Buffer, p: MimePart): string => decodeCharset(contentOf(raw, p), p.parameters['charset'] ?? '')

function* leavesOf(part: MimePart): Generator<MimePart> {
  if (part.children.length === 0 || part.type === 'message/rfc822') yield part
  else for (const child of part.children) yield* leavesOf(child)
}
