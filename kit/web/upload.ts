/** Forms with files: fields in memory, files straight to disk, every amount bounded before it is taken. */
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import type { Request } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { size } from '#kit/web/format.ts'

/** What is read and thrown away of a form that was refused: a large scan chosen by mistake, not a film. */
const mostDrained = 256 * 1024 * 1024

export type UploadedFile = {
  /** name of the form's field */
  field: string
  /** as the sender named it, without folders */
  name: string
  /** as the sender's browser says: check before you trust it */
  type: string
  /** octets */
  size: number
  sha256: string
  /** where it lies, until `dispose` */
  path: string
}
export type ReadForm = AsyncDisposable & { body: Record<string, string | string[]>; files: UploadedFile[] }
export type UploadLimits = {
  /** folder on the same disk as where files are kept */
  folder: string
  mostFiles: number
  /** octets of one file */
  mostFileBytes: number
  /** octets of all files */
  mostBytes: number
}

/**
 * Reads a form, whether it carries files or not. Files that were left empty are not listed. Disposing deletes the
 * files that are still where they were put: move those that are to stay.
 *
 * @throws Refusal 413 with what is too large, 400 when the body cannot be read
 */
export async function readForm(req: Request, limits: UploadLimits): Promise<ReadForm> {
  if (!req.is('multipart/form-data')) return { body: { ...req.body }, files: [], [Symbol.asyncDispose]: async () => {} }
  await mkdir(limits.folder, { recursive: true })
  const body: ReadForm['body'] = Object.create(null)
  const files: UploadedFile[] = []
  const paths: string[] = []
  const dispose = async () => void (await Promise.all(paths.map((p) => rm(p, { force: true }))))
  try {
    await readParts(req, limits, { body, files, paths })
  } catch (error) {
    await dispose()
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'Nội dung gửi lên bị ngắt giữa chừng nên chưa nhận. Gửi lại.', 'unreadable form', {
      cause: error,
    })
  }
  return { body, files, [Symbol.asyncDispose]: dispose }
}

type Into = { body: ReadForm['body']; files: UploadedFile[]; paths: string[] }

async function readParts(req: Request, limits: UploadLimits, into: Into): Promise<void> {
  let total = 0
  let failure: unknown
  const writing: Promise<void>[] = []
  const parser = busboy({
    headers: req.headers,
    defParamCharset: 'utf8',
    limits: {
      fields: 2000,
      fieldSize: 256 * 1024,
      files: limits.mostFiles,
      fileSize: limits.mostFileBytes,
      parts: 2100,
    },
  })
  const fail = (error: unknown) => {
    if (failure !== undefined) return
    failure = error
    req.unpipe(parser)
    // read on to the end, so that the browser sees the answer and not a broken connection; but not without end
    let drained = 0
    req.on('data', (chunk: Buffer) => {
      drained += chunk.length
      if (drained > mostDrained) req.destroy()
    })
    req.resume()
    parser.destroy()
  }
  parser.on('field', (name, value, info) => {
    if (info.valueTruncated || info.nameTruncated)
      return fail(new Refusal(413, 'Phần chữ nhập vào dài quá mức nhận được.', `field ${name.slice(0, 40)} too long`))
    const before = into.body[name]
    into.body[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  })
  parser.on('filesLimit', () =>
    fail(new Refusal(413, `Chỉ nhận tối đa ${limits.mostFiles} tệp một lần. Bớt tệp rồi gửi lại.`, 'too many files')),
  )
  parser.on('file', (field, stream, info) => {
    const name = (info.filename ?? '').replace(/^.*[/\\]/s, '')
    const path = `${limits.folder}/${randomUUID()}`
    const hash = createHash('sha256')
    let octets = 0
    stream.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      octets += chunk.length
      total += chunk.length
      if (total > limits.mostBytes)
        fail(
          new Refusal(
            413,
            `Các tệp cộng lại lớn hơn ${size(limits.mostBytes)}. Bớt tệp hoặc nén lại.`,
            'files too large',
          ),
        )
    })
    stream.on('limit', () =>
      fail(
        new Refusal(
          413,
          `Tệp “${name}” lớn hơn ${size(limits.mostFileBytes)}. Nén hoặc quét lại nhỏ hơn.`,
          'file too large',
        ),
      ),
    )
    into.paths.push(path)
    writing.push(
      pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
        .then(() => {
          if (name === '' && octets === 0) return // the field was left empty
          into.files.push({ field, name, type: info.mimeType, size: octets, sha256: hash.digest('hex'), path })
        })
        .catch(fail),
    )
  })
  await new Promise<void>((resolve) => {
    parser.once('close', resolve)
    parser.on('error', (error) => {
      // destroying it makes it complain once more
      fail(error)
      resolve()
    })
    req.once('aborted', () => fail(new Error('the sender went away')))
    req.pipe(parser)
  })
  await Promise.all(writing)
  if (failure) throw failure
}
