import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createApp, type Listening } from '#kit/web/app.ts'
import { readForm, type UploadLimits } from '#kit/web/upload.ts'
import { until } from '#test/until.ts'

describe('forms with files', () => {
  let folder: string
  let site: Listening
  let seen: { body: object; files: { name: string; size: number; sha256: string; bytes: Buffer }[] } | undefined
  const limits = (): UploadLimits => ({ folder, mostFiles: 2, mostFileBytes: 100_000, mostBytes: 150_000 })

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'congso-upload-'))
    const app = createApp({ name: 'portal', layout: 'plain' })
    app.express.post('/up', async (req, res) => {
      await using form = await readForm(req, limits())
      seen = { body: { ...form.body }, files: form.files.map((f) => ({ ...f, bytes: readFileSync(f.path) })) }
      res.send('ok')
    })
    site = await app.listen('127.0.0.1', 0)
  })
  beforeEach(() => {
    seen = undefined
  })
  afterEach(async () => until('no file is left behind', () => readdirSync(folder).length === 0))
  after(async () => {
    await site[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const up = (body: FormData | string, headers: Record<string, string> = {}) =>
    fetch(`${site.origin}/up`, { method: 'POST', body, headers: { accept: 'text/html', ...headers } })
  const withFiles = (...files: [name: string, bytes: Buffer][]) => {
    const form = new FormData()
    form.append('tên', 'Nguyễn Đức')
    form.append('nhiều', 'a')
    form.append('nhiều', 'b')
    for (const [name, bytes] of files)
      form.append('tep', new Blob([new Uint8Array(bytes)], { type: 'application/pdf' }), name)
    return form
  }

  it('keep Vietnamese names and texts, and know each file by its octets', async () => {
    const bytes = Buffer.from('%PDF-1.7 nội dung')
    expect((await up(withFiles(['Tờ khai số 1 – đã ký.pdf', bytes]))).status).to.equal(200)
    expect(seen!.body).to.deep.equal({ tên: 'Nguyễn Đức', nhiều: ['a', 'b'] })
    expect(seen!.files[0]).to.include({ name: 'Tờ khai số 1 – đã ký.pdf', size: bytes.length })
    expect(seen!.files[0]!.sha256).to.equal(createHash('sha256').update(bytes).digest('hex'))
    expect(seen!.files[0]!.bytes.equals(bytes)).to.equal(true)
  })

  it('take no path from a name', async () => {
    await up(withFiles(['..\\..\\etc\\passwd', Buffer.from('x')]))
    expect(seen!.files[0]!.name).to.equal('passwd')
    expect(existsSync(join(folder, 'passwd'))).to.equal(false)
  })

  it('leave out a field of files that was left empty', async () => {
    await up(withFiles(['', Buffer.alloc(0)]))
    expect(seen!.files).to.deep.equal([])
  })

  const tooMuch: [what: string, form: () => FormData, says: string][] = [
    ['a file over its limit', () => withFiles(['lớn.pdf', Buffer.alloc(100_001)]), '“lớn.pdf” lớn hơn 100 KB'],
    [
      'files over their sum',
      () => withFiles(['a', Buffer.alloc(90_000)], ['b', Buffer.alloc(90_000)]),
      'cộng lại lớn hơn',
    ],
    [
      'more files than asked for',
      () => withFiles(['a', Buffer.from('1')], ['b', Buffer.from('2')], ['c', Buffer.from('3')]),
      'tối đa 2 tệp',
    ],
  ]
  for (const [what, form, says] of tooMuch)
    it(`refuse ${what} in words, keeping nothing`, async () => {
      const answer = await up(form())
      expect(answer.status).to.equal(413)
      expect(await answer.text()).to.include(says)
      expect(seen).to.equal(undefined)
    })

  const broken: [what: string, body: string, type: string][] = [
    ['no boundary', 'x', 'multipart/form-data'],
    ['nothing inside', '', 'multipart/form-data; boundary=b'],
    [
      'an end that never comes',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
      'multipart/form-data; boundary=b',
    ],
    ['a part without a head', '--b\r\n\r\nx\r\n--b--\r\n', 'multipart/form-data; boundary=b'],
  ]
  for (const [what, body, type] of broken)
    it(`answer a form with ${what}`, async () => {
      expect((await up(body, { 'content-type': type })).status).to.be.oneOf([200, 400])
    })

  it('drop what was read when the sender goes away', async () => {
    const socket = connect(site.port, '127.0.0.1')
    socket.write(
      'POST /up HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n' +
        `--b\r\nContent-Disposition: form-data; name="tep"; filename="a"\r\n\r\n${'x'.repeat(20_000)}`,
    )
    await until('the file is being written', () => readdirSync(folder).length === 1)
    socket.destroy()
    await until('the file is gone', () => readdirSync(folder).length === 0)
    expect(seen).to.equal(undefined)
  })
})
