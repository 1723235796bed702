import { expect } from 'chai'
import { MAX_FILE_TEXT } from '#mailserver/filetext/limits.ts'
import { ReadingProcess } from '#mailserver/filetext/process.ts'
import { docx, pdf, zip } from '#test/mailserver/filetext/zips.ts'
import { until } from '#test/until.ts'

describe('hostile: files that are read for search', function () {
  this.timeout(120_000)
  let reading: ReadingProcess
  before(() => {
    reading = new ReadingProcess()
  })
  after(() => reading[Symbol.asyncDispose]())
  const read = (name: string, octets: Uint8Array, encoding = 'binary') => reading.read({ octets, encoding, name })

  it('zip bombs end at their budget', async () => {
    const zeros = Buffer.alloc(60 * 1024 * 1024)
    expect((await read('bomb.zip', zip([{ name: 'a.txt', data: zeros }]))).state).to.equal('too-large')
    const layer = zip(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.txt`, data: zeros.subarray(0, 9_000_000) })))
    const nested = zip(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.zip`, data: layer, method: 0 })))
    expect((await read('nested.zip', nested)).state).to.equal('too-large')
    expect((await read('bomb.docx', docx(zeros))).state).to.equal('too-large')
  })

  it('a zip that holds itself, and one of 60,000 entries', async () => {
    let quine = zip([{ name: 'x.txt', data: Buffer.from('lõi') }])
    for (let i = 0; i < 40; i++) quine = zip([{ name: 'r.zip', data: quine }])
    expect((await read('quine.zip', quine)).state).to.equal('too-large')
    const many = zip(Array.from({ length: 60_000 }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(0), method: 0 })))
    expect((await read('many.zip', many)).state).to.equal('cut')
  })

  it('entries that overlap share the budget', async () => {
    // every name points to the same octets: 100 times 9 MB from one
    const one = zip([{ name: 'aaaa', data: Buffer.alloc(900_000, 'a ') }])
    const at = one.indexOf('PK\x01\x02', 'latin1')
    const end = one.indexOf('PK\x05\x06', 'latin1')
    const tail = Buffer.from(one.subarray(end))
    tail.writeUInt16LE(99, 10)
    const overlapping = Buffer.concat([
      one.subarray(0, at),
      ...Array.from({ length: 99 }, () => one.subarray(at, end)),
      tail,
    ])
    expect((await read('overlap.zip', overlapping)).state).to.equal('cut') // the text is long enough long before
  })

  it('no entity is expanded', async () => {
    const laughs = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "${'&a;'.repeat(10)}">`).join('')}<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="x"><w:p><w:r><w:t>trước &a9; &f; sau</w:t></w:r></w:p></w:document>`
    const { state, text } = await read('laughs.docx', docx(laughs))
    expect(state).to.equal('read')
    expect(text).to.equal('trước &a9; &f; sau')
  })

  it('a million runs, and tags nested without end', async () => {
    const run = (_: unknown, i: number) => `<w:r><w:t>${i} </w:t></w:r>`
    const all = Array.from({ length: 1_000_000 }, run).join('')
    const runs = await read('runs.docx', docx(`<w:document><w:p>${all}</w:p></w:document>`))
    expect(runs.state).to.equal('cut')
    expect(runs.text.length).to.be.within(MAX_FILE_TEXT - 10, MAX_FILE_TEXT)
    const nested = await read('nested.docx', docx(`<w:document>${'<w:p>'.repeat(500_000)}<w:r><w:t>đáy</w:t></w:r>`))
    expect(nested.state).to.equal('broken')
    const rtf = await read('nested.rtf', Buffer.from(`{\\rtf1 ${'{'.repeat(1_000_000)}day${'}'.repeat(1_000_000)}}`))
    expect(rtf.text).to.equal('day')
  })

  it('PDFs: ten thousand pages, scripts, and a tree of pages that turns in a circle', async () => {
    const pages = await read('pages.pdf', pdf(Array.from({ length: 10_000 }, (_, i) => `trang ${i}`)))
    expect(pages.state).to.equal('cut')
    expect(pages.text).to.include('trang 99')
    const script = '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); while\\(true\\){}) >>'
    expect((await read('js.pdf', pdf(['van ban'], script))).text).to.equal('van ban')
    const circle = pdf(['a']).toString('latin1').replace('/Kids [4 0 R]', '/Kids [2 0 R]')
    expect((await read('circle.pdf', Buffer.from(circle, 'latin1'))).text).to.equal('')
  })

  it('many distinct words are indexed up to a limit', async () => {
    const words = Array.from({ length: 100_000 }, (_, i) => (i * 7919).toString(36)).join(' ')
    const { state, indexed, folded } = await read('words.txt', Buffer.from(words))
    expect(state).to.equal('read')
    expect(indexed).to.be.lessThan(folded.length / 2)
    expect(new Set(folded.slice(0, indexed).trim().split(' ')).size).to.equal(20_000)
  })

  it('base64 with anything in it, cut anywhere, random octets behind every signature', async () => {
    let seed = 1
    const next = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return seed >> 16
    }
    const random = (n: number) => Buffer.from(Array.from({ length: n }, next))
    for (const head of ['504b0304', 'd0cf11e0a1b11ae1', '255044462d', '7b5c727466', 'fffe'])
      for (let i = 0; i < 5; i++) {
        const octets = Buffer.concat([Buffer.from(head, 'hex'), random(3000)])
        const { state } = await read('x', Buffer.from(`${octets.toString('base64')}***=`), 'base64')
        expect(state, head).to.be.oneOf(['read', 'broken', 'none', 'cut', 'locked'])
      }
  })

  it('a file that takes too long or too much is killed, noted, and the next one is read', async () => {
    await using hasty = new ReadingProcess({ fileMs: 1 })
    await hasty.read({ octets: Buffer.from('x'), encoding: '7bit', name: 'a' }).catch(() => undefined)
    const slow = await hasty.read({
      octets: pdf(Array.from({ length: 3000 }, () => 'x')),
      encoding: 'binary',
      name: 'a.pdf',
    })
    expect(slow.state).to.equal('too-slow')
    await using small = new ReadingProcess({ memoryMb: 1 })
    const big = await small.read({
      octets: pdf(Array.from({ length: 3000 }, () => 'x')),
      encoding: 'binary',
      name: 'a.pdf',
    })
    expect(big.state).to.equal('too-much')
    expect((await read('sau.txt', Buffer.from('vẫn đọc'))).text).to.equal('vẫn đọc')
  })

  it('the process may not write, connect or start others, and ends with its parent', async () => {
    await read('a.txt', Buffer.from('x'))
    const pid = reading.pid!
    const flags = (await import('node:fs')).readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    expect(flags).to.include('--permission').and.not.include('--allow-net').and.not.include('--allow-fs-write')
    await reading[Symbol.asyncDispose]()
    await until('the process to be gone', () => {
      try {
        process.kill(pid, 0)
        return false
      } catch {
        return true
      }
    })
  })
})
