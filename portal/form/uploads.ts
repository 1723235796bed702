import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { safeName } from '#kit/message/write.ts'
import { size } from '#kit/vi/words.ts'
import type { ReadForm } from '#kit/web/upload.ts'
import type { Version } from '../catalogue/procedures.ts'
import type { Context } from '../context.ts'
import { MAX_FILES } from '../limits.ts'
import { addUpload, type Draft } from '../store/drafts.ts'
import { kindNames, mediaTypes, sniff } from './sniff.ts'

/** Name of the field that carries the files of one paper. */
export const fileField = (document: string): string => `tep-${document}`

/** "PDF, ảnh JPG, ảnh PNG" */
export const acceptWords = (accept: Version['documents'][number]['accept']): string =>
  accept.map((a) => kindNames[a as keyof typeof kindNames]).join(', ')

/**
 * Keeps the uploaded files of a form that are what they should be; the others are refused one by one.
 * @returns mistakes by document id, Vietnamese
 */
export async function keepUploads(
  { store, uploads, maxAllBytes, now }: Context,
  version: Version,
  draft: Draft,
  files: ReadForm['files'],
): Promise<Record<string, string>> {
  const errors: Record<string, string> = {}
  const refuse = (id: string, why: string): void => {
    errors[id] = errors[id] ? `${errors[id]} ${why}` : why
  }
  const folder = `${uploads}/${draft.id}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const file of files) {
    const paper = version.documents.find((d) => fileField(d.id) === file.field)
    if (!paper) continue
    const found = await sniff(file.path)
    if ('refused' in found) {
      refuse(paper.id, `“${safeName(file.name)}”: ${found.refused}`)
      continue
    }
    if (!paper.accept.includes(found.kind)) {
      refuse(
        paper.id,
        `“${safeName(file.name)}” là ${kindNames[found.kind]}; giấy tờ này nhận ${acceptWords(paper.accept)}.`,
      )
      continue
    }
    const path = `${folder}/${randomUUID()}`
    await rename(file.path, path)
    const added = addUpload(
      store,
      draft.id,
      {
        id: randomUUID(),
        document: paper.id,
        name: named(file.name, found.kind),
        type: mediaTypes[found.kind],
        size: file.size,
        sha256: file.sha256,
        path,
        at: now(),
      },
      { files: MAX_FILES, bytes: maxAllBytes },
    )
    if (added === 'added') continue
    await rm(path, { force: true })
    refuse(
      paper.id,
      added === 'full'
        ? `“${safeName(file.name)}” chưa nhận: cả hồ sơ nhiều nhất ${MAX_FILES} tệp, ${size(maxAllBytes)}. Bỏ bớt tệp hoặc quét nhỏ hơn.`
        : 'Hồ sơ đã nộp nên không thêm tệp được nữa.',
    )
  }
  return errors
}

/** The name as given, with the ending that its octets call for. */
function named(name: string, kind: keyof typeof mediaTypes): string {
  const safe = safeName(name)
  const right = kind === 'jpg' ? /\.jpe?g$/i : new RegExp(`\\.${kind}$`, 'i')
  return right.test(safe) ? safe : safeName(`${safe}.${kind}`)
}
