import type { MimePart } from '#mailserver/mime/part.ts'

/** Parts that go with a message for machines: signatures, keys, and the data part of a structured message (docs/message-formats.md). */
const forMachines =
  /^(?:application\/(?:pkcs7-signature|x-pkcs7-signature|pgp-signature|pgp-keys|vnd\.congso\+json)|multipart\/|message\/)/
/** Kinds that hold no text; what a scan shows is not read. */
const wordless = /^(?:image|audio|video|font|model)\//

export type FilePart = { part: MimePart; name: string /** whether there may be text in it */; readable: boolean }

/**
 * Files that a person would say the message carries: whatever has a name or is an attachment, and parts that are no text; without
 * pictures that belong to its HTML. In the order of the message.
 */
export function filesOf(root: MimePart): FilePart[] {
  const found: FilePart[] = []
  const visit = (part: MimePart): void => {
    if (part.children.length > 0) for (const child of part.children) visit(child)
    else if (isFile(part)) found.push({ part, name: part.filename ?? '', readable: !wordless.test(part.type) })
  }
  visit(root)
  return found
}

function isFile(part: MimePart): boolean {
  if (forMachines.test(part.type) || part.bodyEnd <= part.bodyStart) return false
  if (part.disposition === 'attachment') return true
  if (part.type.startsWith('text/')) return part.filename !== undefined
  return !(part.type.startsWith('image/') && part.contentId !== undefined)
}
