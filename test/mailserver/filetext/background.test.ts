import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { type FileReader, startFileTexts } from '#mailserver/filetext/start.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { until } from '#test/until.ts'
import { noPrefix } from '../store/contract.ts'
import { letterWith } from './letters.ts'
import { docx, zip } from './zips.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/search/${name}`, import.meta.url))

describe('filetext: in the background', function () {
  this.timeout(60_000)
  let dir: string
  let store: StoreHost
  let files: FileReader | undefined
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-filetext-'))
    store = await openStoreHost({ dir })
    for (const account of [1, 2]) await store.write('openAccount', { account, kind: 'person' })
  })
  afterEach(async () => {
    await files?.[Symbol.asyncDispose]()
    files = undefined
    expect(await store.audit()).to.deep.equal([])
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })
  const deliver = (raw: Buffer, account = 1) =>
    store.write('deliver', { raw, recipients: [{ account, mailbox: 'INBOX', prefix: noPrefix }], at: Date.now() })
  const inbox = (account = 1) => store.read.mailbox(account, 'INBOX')!.id
  const find = (value: string, account = 1) => store.read.search(inbox(account), { key: 'body', value })
  const start = () => {
    files = startFileTexts({ store })
  }
  const read = () => until('nothing to wait', () => store.read.filesBacklog() === 0)
  const rows = (sql: string) => {
    const db = openDatabase(join(dir, 'cell.sqlite'), { readOnly: true })
    const found = db.prepare(sql).all()
    db.close()
    return found
  }

  it('finds what attachments say, parts of words and old encodings included, and only for who has them', async () => {
    start()
    await deliver(letterWith('1', [['Tờ trình.docx', 'application/octet-stream', fixture('unicode.docx')]]))
    await deliver(letterWith('2', [['cu.doc', 'application/msword', fixture('tcvn3.doc')]]))
    await deliver(letterWith('3', [['tat-ca.zip', 'application/zip', fixture('files.zip')]]), 2)
    expect(find('to trinh'), 'names are found at once').to.deep.equal([1])
    await read()
    for (const value of ['nha xuong', 'hà xưở', 'giấy phép xây dựng nhà xưởng', '1287', 'so 1287'])
      expect(find(value), value).to.deep.equal([1, 2])
    expect(find('nhà xướng')).to.deep.equal([])
    expect(find('nha xuong', 2)).to.deep.equal([1])
    expect(find('Đơn xin cấp phép.docx', 2)).to.deep.equal([1])
    expect(store.read.search(inbox(), { key: 'header', name: 'subject', value: 'xuong' })).to.deep.equal([])
    expect(store.read.search(inbox(), { key: 'not', of: { key: 'text', value: 'nha xuong' } })).to.deep.equal([])
  })

  it('keeps one text for one file whoever has it, and none when nobody has it', async () => {
    start()
    for (let i = 0; i < 5; i++)
      await deliver(letterWith(`lần ${i}`, [[`ten-${i}.pdf`, 'application/pdf', fixture('unicode.pdf')]]), 1 + (i % 2))
    await read()
    expect(rows('select state from file')).to.have.length(1)
    expect(find('nha xuong')).to.deep.equal([1, 2, 3])
    await store.write('expunge', { mailbox: inbox(), force: true, uids: [1, 2, 3] })
    expect(rows('select 1 from file')).to.have.length(1)
    await store.write('expunge', { mailbox: inbox(2), force: true, uids: [1, 2] })
    expect(rows('select 1 from file union all select 1 from content_file')).to.have.length(0)
    expect(rows('select 1 from file_fts_docsize')).to.have.length(0)
  })

  it('goes on after a stop, the newest first', async () => {
    for (let i = 0; i < 5; i++)
      await deliver(letterWith(`${i}`, [['a.docx', 'application/msword', docx(`<p><t>bản số ${i}x</t></p>`)]]))
    expect(store.read.filesBacklog()).to.equal(5)
    expect(store.read.filesToRead(10).map((r) => r.content)).to.deep.equal([5, 4, 3, 2, 1])
    start()
    await until('something read', () => store.read.filesBacklog() < 5)
    await files![Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    store = await openStoreHost({ dir })
    start()
    await read()
    for (let i = 0; i < 5; i++) expect(find(`ban so ${i}x`)).to.deep.equal([i + 1])
  })

  it('notes a file that cannot be read, and reads the others of the message', async () => {
    start()
    const bomb = zip([{ name: 'a', data: Buffer.alloc(60 * 1024 * 1024) }])
    await deliver(
      letterWith('bom', [
        ['bom.zip', 'application/zip', bomb],
        ['hong.pdf', 'application/pdf', Buffer.from('%PDF-1.4 hỏng')],
        ['anh.jpg', 'image/jpeg', Buffer.from([255, 216, 255])],
        ['tot.txt', 'text/plain', Buffer.from('vẫn tìm thấy')],
      ]),
    )
    await read()
    expect(find('van tim thay')).to.deep.equal([1])
    expect(
      rows('select name, state from content_file left join file on file.id = file order by part').map((r) => ({
        ...r,
      })),
    ).to.deep.equal([
      { name: 'bom.zip', state: 'too-large' },
      { name: 'hong.pdf', state: 'broken' },
      { name: 'anh.jpg', state: null },
      { name: 'tot.txt', state: 'read' },
    ])
  })

  it('finds every word of a file of many words, though the index takes a part', async () => {
    start()
    const words = Array.from({ length: 60_000 }, (_, i) => `w${i.toString(36)}z`)
    await deliver(letterWith('nhiều', [['nhieu.txt', 'application/octet-stream', Buffer.from(words.join(' '))]]))
    await deliver(Buffer.from(`Subject: x\r\n\r\n${words.join('\r\n')}\r\n`))
    await read()
    for (const word of [words[0]!, words[30_000]!, words[59_999]!]) expect(find(word), word).to.deep.equal([1, 2])
    expect(Number(rows('select count(*) as n from vocabulary')[0]!['n'])).to.be.lessThan(25_000)
    expect(Number(rows('select count(*) as n from file_vocabulary')[0]!['n'])).to.be.lessThan(25_000)
  })

  it('a phrase across two pieces of a long text', async () => {
    start()
    const filler = 'chữ nghĩa dài dòng '.repeat(5_000)
    const at = 96 * 1024 - 5
    await deliver(
      letterWith('dài', [
        ['dai.txt', 'application/octet-stream', Buffer.from(`${filler.slice(0, at)} ranh giới hai mảnh ${filler}`)],
      ]),
    )
    await read()
    expect(find('ranh gioi hai manh')).to.deep.equal([1])
    expect(find('nh giới hai mả')).to.deep.equal([1])
  })

  it('folds again what an earlier program folded', async () => {
    await deliver(Buffer.from('Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCông văn 15 – Sở\r\n'))
    await store[Symbol.asyncDispose]()
    const db = openDatabase(join(dir, 'cell.sqlite'))
    db.exec("update body set folded_text = 'cong van 15 – so', folding = 0; insert into unread_files values (1)")
    db.close()
    store = await openStoreHost({ dir })
    expect(find('15 - so')).to.deep.equal([])
    start()
    await read()
    expect(find('15 - so')).to.deep.equal([1])
  })

  it('an endless file costs its own time only: the process is another one', async () => {
    start()
    await deliver(letterWith('pdf', [['a.pdf', 'application/pdf', fixture('unicode.pdf')]]))
    await read()
    const pid = files!.pid()!
    expect(pid).to.not.equal(process.pid)
    process.kill(pid, 'SIGKILL')
    await deliver(letterWith('sau', [['b.docx', 'application/msword', docx('<p><t>sau khi chết</t></p>')]]))
    await read()
    expect(find('sau khi chet')).to.deep.equal([2])
  })
})
