import { open } from 'node:fs/promises'

/**
 * What a file really is, by its octets: the name and the type that a browser sends decide nothing. Only kinds that
 * officials can open safely are taken; the rest is refused with its reason.
 */
export type Kind = 'pdf' | 'jpg' | 'png' | 'docx'
export const mediaTypes: Record<Kind, string> = {
  pdf: 'application/pdf',
  jpg: 'image/jpeg',
  png: 'image/png',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}
export const kindNames: Record<Kind, string> = { pdf: 'PDF', jpg: 'ảnh JPG', png: 'ảnh PNG', docx: 'Word (.docx)' }

// A PDF's header may stand anywhere in its first 1,024 octets (ISO 32000-1 Annex H, note 13).
const HEAD = 1024
// The end of a ZIP: 22 octets and a comment of at most 65,535. A directory of a document has some dozens of entries.
const ZIP_TAIL = 22 + 65_535
const MAX_ENTRIES = 2_000
const MAX_DIRECTORY = 512 * 1024

/** @returns the kind, or in Vietnamese what is wrong with it */
export async function sniff(path: string): Promise<{ kind: Kind } | { refused: string }> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size === 0) return { refused: 'Tệp rỗng. Chọn lại tệp có nội dung.' }
  const head = await piece(file, 0, Math.min(HEAD, size))
  if (head.includes('%PDF-')) {
    const tail = await piece(file, Math.max(0, size - HEAD), Math.min(HEAD, size))
    if (!tail.includes('%%EOF')) return { refused: 'Tệp PDF bị cắt cụt. Lưu hoặc quét lại rồi chọn lại.' }
    return { kind: 'pdf' }
  }
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return { kind: 'jpg' }
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return { kind: 'png' }
  if (head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'))) return zipKind(await zipNames(file, size))
  if (head.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0])))
    return { refused: 'Tệp Word đời cũ (.doc) hoặc có mật khẩu. Lưu lại dạng .docx không mật khẩu, hoặc PDF.' }
  return { refused: 'Không phải PDF, ảnh JPG, PNG hay Word (.docx). Lưu lại dạng PDF rồi chọn lại.' }
}

function zipKind(names: readonly string[] | undefined): { kind: Kind } | { refused: string } {
  if (!names) return { refused: 'Tệp nén bị hỏng. Lưu lại dạng PDF rồi chọn lại.' }
  if (!names.includes('[Content_Types].xml') || !names.includes('word/document.xml'))
    return { refused: 'Tệp nén hoặc loại tài liệu này không nhận. Lưu từng giấy tờ dạng PDF rồi chọn lại.' }
  if (names.some((n) => /vbaProject\.bin$/i.test(n)))
    return { refused: 'Tệp Word có chứa macro nên không nhận. Lưu lại dạng PDF rồi chọn lại.' }
  return { kind: 'docx' }
}

type File = Awaited<ReturnType<typeof open>>
async function piece(file: File, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position, length })
  return buffer.subarray(0, bytesRead)
}

/** Names in a ZIP's central directory (APPNOTE.TXT 4.3.12); undefined when it cannot be read. */
async function zipNames(file: File, size: number): Promise<string[] | undefined> {
  const tailLength = Math.min(ZIP_TAIL, size)
  const tail = await piece(file, size - tailLength, tailLength)
  const end = tail.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (end < 0 || tail.length - end < 22) return undefined
  const count = tail.readUInt16LE(end + 10)
  const length = tail.readUInt32LE(end + 12)
  const start = tail.readUInt32LE(end + 16)
  if (count > MAX_ENTRIES || length > MAX_DIRECTORY || start + length > size) return undefined
  const directory = await piece(file, start, length)
  const names: string[] = []
  for (let at = 0, n = 0; n < count; n++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) return undefined
    const [name, extra, comment] = [28, 30, 32].map((o) => directory.readUInt16LE(at + o)) as [number, number, number]
    names.push(directory.toString('utf8', at + 46, at + 46 + name))
    at += 46 + name + extra + comment
  }
  return names
}
