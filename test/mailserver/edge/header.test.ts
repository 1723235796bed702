import { expect } from 'chai'
import { MAX_HEADER, readTop, receivedLine } from '#mailserver/edge/policy/header.ts'
import { bracketed, isMailbox, written } from '#mailserver/edge/smtp/address.ts'

/** Header and body as they are handed on, with "|" between. */
function top(message: string): string {
  const raw = Buffer.from(message, 'latin1')
  const read = readTop(raw.subarray(0, MAX_HEADER), raw.length)
  return 'kind' in read
    ? `${read.code} ${read.detail}`
    : `${read.header.toString('latin1')}|${raw.toString('latin1', read.bodyAt)}`
}

describe('the top of a letter from outside', () => {
  const cases: [what: string, message: string, want: string][] = [
    ['is kept', 'From: a\r\nX: \xe9\r\n y\r\n\r\nb\r\n', 'From: a\r\nX: \xe9\r\n y\r\n\r\n|b\r\n'],
    [
      'loses fields that are ours to say, with their further lines, however they are written',
      'x-spam-STATUS : No,\r\n\tscore=-9\r\nA: b\r\nReturn-Path: <>\r\nX-Spam-Reporter: x\r\n\r\nX-Spam-Flag: YES\r\n',
      'A: b\r\nX-Spam-Reporter: x\r\n\r\n|X-Spam-Flag: YES\r\n',
    ],
    ['may have nothing else', 'Delivered-To: x\r\n\r\nb\r\n', '\r\n|b\r\n'],
    [
      'keeps what others found under another name',
      'Authentication-Results: mx; dkim=pass\r\n\r\n',
      'Original-Authentication-Results: mx; dkim=pass\r\n\r\n|',
    ],
    ['may be empty', '\r\nb\r\n', '\r\n|b\r\n'],
    ['gets the empty line that it lacks', 'From: a\r\n b\r\n', 'From: a\r\n b\r\n\r\n|'],
    ['ends where no field begins', 'From: a\r\nXin chao\r\nB: c\r\n', 'From: a\r\n\r\n|Xin chao\r\nB: c\r\n'],
    ['is not there', 'Xin chao\r\n', '\r\n|Xin chao\r\n'],
    ['of an empty letter', '', '\r\n|'],
    ['that went in a circle', `${'Received: x\r\n'.repeat(51)}\r\nb\r\n`, '554 4.6'],
    ['with as many Received as may be', `${'Received: x\r\n'.repeat(50)}\r\n`, `${'Received: x\r\n'.repeat(50)}\r\n|`],
    ['that does not end', 'A: b\r\n'.repeat(MAX_HEADER / 6 + 10), '554 6.0'],
  ]
  for (const [what, message, want] of cases) it(what, () => expect(top(message)).to.equal(want))

  it('is read in time that grows with its length', () => {
    for (const text of [
      'X-Spam-Status:\r\n'.repeat(65_000),
      `X-Spam-Status:${' '.repeat(1_000_000)}`,
      'Received:\r\n '.repeat(80_000),
    ]) {
      const began = performance.now()
      top(`${text}\r\n\r\n`)
      expect(performance.now() - began).to.be.lessThan(5_000)
    }
  })
})

describe('the line that says how a letter came', () => {
  const path = {
    helo: 'mail.example.com',
    host: 'mx.example.com',
    ip: '192.0.2.1',
    protocol: 'ESMTPS',
    tls: { version: 'TLSv1.3', name: 'TLS_AES_256_GCM_SHA384' },
    by: 'mx.test',
    ref: 'A.1',
    at: Date.UTC(2026, 10, 30),
  }
  it('is of RFC 5321 §4.4', () => {
    expect(receivedLine(path)).to.equal(
      'Received: from mail.example.com (mx.example.com [192.0.2.1])\r\n\tby mx.test with ESMTPS\r\n\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tid A.1;\r\n\tMon, 30 Nov 2026 07:00:00 +0700\r\n',
    )
    expect(receivedLine({ ...path, ip: '2001:db8::1', host: undefined, tls: undefined })).to.contain(
      'from mail.example.com ([IPv6:2001:db8::1])\r\n\tby mx.test with ESMTPS\r\n\tid A.1;',
    )
  })
  it('cannot be left by what a client calls itself', () => {
    const line = receivedLine({ ...path, helo: 'x); by evil (\r\nX: y\u00e9', host: 'a b' })
    expect(line).to.match(/^Received: from x\?\?\?by\?evil\?\?\?\?X:\?y\? \(a\?b \[192\.0\.2\.1\]\)\r\n/)
  })
})

describe('addresses in MAIL and RCPT', () => {
  for (const good of ['a@b.vn', 'hà.trần@b.vn', 'a+b@b.vn', 'postmaster', '"x;y"@b.vn', "o'neil@b.vn", 'a@[192.0.2.1]'])
    it(`takes ${good}`, () => expect(isMailbox(good)).to.equal(true))
  for (const bad of [
    'a;dkim=pass@b.vn',
    'a,b@b.vn',
    'a(b)@b.vn',
    'a\\b@b.vn',
    'a:b@b.vn',
    'a\ufffd@b.vn',
    '"a b"@b.vn',
    '@b.vn',
  ])
    it(`does not take ${JSON.stringify(bad)}`, () => expect(isMailbox(bad)).to.equal(false))
  it('as they were written, without a source route', () => {
    expect(written('MAIL FROM:<a@xn--bcher-kva.example> SIZE=3')).to.equal('a@xn--bcher-kva.example')
    expect(written('RCPT TO:<@x.example,@y.example:a@b.vn>')).to.equal('a@b.vn')
  })
  it('without angle brackets too', () => {
    expect(bracketed('MAIL FROM:a@b.vn SIZE=3')).to.equal('MAIL FROM:<a@b.vn> SIZE=3')
    expect(bracketed('rcpt to: a@b.vn')).to.equal('rcpt to:<a@b.vn>')
    expect(bracketed('MAIL FROM:<a@b.vn> X=c@d')).to.equal('MAIL FROM:<a@b.vn> X=c@d')
  })
})
