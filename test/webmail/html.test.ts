import { expect } from 'chai'
import { cleanHtml, framePolicy } from '#webmail/read/html.ts'

const none = new Map<string, never>()
const clean = (html: string, remote = false) => cleanHtml(html, none, remote).html

describe('webmail: HTML of strangers', () => {
  const hostile: [what: string, html: string, gone: RegExp][] = [
    ['a script', '<script>alert(1)</script>', /script|alert/],
    ['a handler', '<img src=x onerror=alert(1)>', /onerror/],
    ['a script in an address', '<a href="javascript:alert(1)">a</a>', /javascript/],
    ['a script in an address, disguised', '<a href="java&#10;script:alert(1)">a</a>', /script:/],
    ['a frame', '<iframe src="https://example.org"></iframe>', /iframe/],
    ['a form that asks for a password', '<form action="https://example.org"><input name=p></form>', /form|input/],
    ['an object', '<object data="x.swf"></object><embed src=x>', /object|embed/],
    ['another base', '<base href="https://example.org/">', /base/],
    ['a refresh', '<meta http-equiv=refresh content="0;url=https://example.org">', /meta|refresh/],
    ['an SVG with a script', '<svg><script>alert(1)</script></svg>', /svg|script/],
    ['a data page as a picture', '<img src="data:text/html;base64,PHNjcmlwdD4=">', /text\/html/],
    ['a picture from elsewhere', '<img src="https://spy.example/1.gif">', /spy/],
  ]
  for (const [what, html, gone] of hostile) it(`leaves out ${what}`, () => expect(clean(html)).to.not.match(gone))

  it('counts the pictures that it left out, and keeps them when asked', () => {
    const html = '<img src="https://a.example/1.png"><img src="http://b.example/2.png">'
    expect(cleanHtml(html, none, false).blocked).to.equal(2)
    const asked = cleanHtml(html, none, true)
    expect(asked.blocked).to.equal(0)
    expect(asked.html).to.include('https://a.example/1.png')
  })

  it('shows the pictures that the mail itself carries', () => {
    const images = new Map([['logo@x', { type: 'image/png', content: Buffer.from('png') }]])
    expect(cleanHtml('<img src="cid:logo%40x">', images, false).html).to.include('data:image/png;base64,cG5n')
    const page = new Map([['logo@x', { type: 'text/html', content: Buffer.from('<script>') }]])
    expect(cleanHtml('<img src="cid:logo@x">', page, false).html).to.not.include('data:')
  })

  it('opens links elsewhere, without a way back to the letter', () => {
    expect(clean('<a href="https://haiduong.gov.vn" target="_top">a</a>')).to.match(
      /target="_blank"[^>]*rel="noopener noreferrer/,
    )
  })

  it('holds out against depth and length', () => {
    const deep = cleanHtml(`${'<div>'.repeat(20_000)}x`, none, false)
    expect(deep.html.length).to.be.lessThan(200_000)
    expect(cleanHtml('<b>'.repeat(2_000_000), none, false).cut).to.equal(true)
  })

  it('is held by a policy that runs nothing and loads nothing', () => {
    const policy = framePolicy(false)
    expect(policy).to.include("default-src 'none'").and.not.include('allow-scripts').and.not.include('https:')
    expect(framePolicy(true)).to.include('img-src data: https: http:')
  })
})
