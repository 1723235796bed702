import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Response } from 'express'
import { pages } from '#kit/web/page.ts'

describe('views', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'views-'))
  })
  after(() => rmSync(folder, { recursive: true }))
  const res = { app: { locals: { site: 'Công Sở' } }, locals: {} } as unknown as Response
  const show = (view: string, text: string, data: Record<string, unknown> = {}) => {
    writeFileSync(join(folder, `${view}.ejs`), text)
    return pages(folder, 'plain').part(res, view, data)
  }

  it('a shared part sees what it is given, and nothing of the page', () => {
    const page = { href: '/nguy-hiem', label: 'Của trang', text: 'Của trang', look: 'bad' }
    const note = show('one', "<%- include('parts/note', { text: 'Đã lưu <b>' }) %>", page)
    expect(note).to.contain('Đã lưu &lt;b&gt;').and.not.contain('Của trang').and.not.contain('/nguy-hiem')
    expect(note).to.contain('<div class="note "')
    expect(show('two', "<%- include('parts/note', { text: 'x', href: '/thu', label: 'Mở' }) %>", page)).to.contain(
      '<a href="/thu">Mở</a>',
    )
  })

  it('a view beside it is a piece of the page, and sees all of it', () => {
    writeFileSync(join(folder, 'piece.ejs'), '<%= site %>, <%= who %>, <%= what %>')
    expect(show('three', "<%- include('piece', { what: 'thêm' }) %>", { who: 'An', what: 'trang' })).to.equal(
      'Công Sở, An, thêm',
    )
  })

  it('a view that includes what is not there says so', () => {
    expect(() => show('four', "<%- include('parts/khong-co') %>")).to.throw(
      /includes parts\/khong-co, which is not there/,
    )
  })
})
