import { expect } from 'chai'
import { fold, splitAddress } from '#mailserver/accounts/address.ts'
import { networkOf, oneMore, secondsToWait } from '#mailserver/accounts/slowing.ts'

describe('addresses', () => {
  const cases: [what: string, given: string, want: { local: string; detail?: string; domain: string } | undefined][] = [
    ['usual', 'ha.tran@haiduong.gov.vn', { local: 'ha.tran', domain: 'haiduong.gov.vn' }],
    ['capitals and spaces', ' Ha.Tran@HAIDUONG.gov.vn ', { local: 'ha.tran', domain: 'haiduong.gov.vn' }],
    ['a detail', 'so.stttt+12-1@haiduong.gov.vn', { local: 'so.stttt', detail: '12-1', domain: 'haiduong.gov.vn' }],
    ['two plus signs', 'a+b+c@haiduong.gov.vn', { local: 'a', detail: 'b+c', domain: 'haiduong.gov.vn' }],
    ['decomposed Vietnamese', 'nguye\u0302\u0303n@haiduong.gov.vn', { local: 'nguyễn', domain: 'haiduong.gov.vn' }],
    ['a plus in front', '+a@haiduong.gov.vn', { local: '+a', domain: 'haiduong.gov.vn' }],
    ['no @', 'haiduong.gov.vn', undefined],
    ['nothing before it', '@haiduong.gov.vn', undefined],
    ['nothing after it', 'ha.tran@', undefined],
    ['two of them', 'a@b@haiduong.gov.vn', undefined],
    ['a line break', 'ha\r\nBcc: x@y.vn', undefined],
    ['a NUL', 'ha\0@haiduong.gov.vn', undefined],
    ['a space inside', 'ha tran@haiduong.gov.vn', undefined],
    ['a quoted local part', '"ha tran"@haiduong.gov.vn', undefined],
    ['two dots', 'ha..tran@haiduong.gov.vn', undefined],
    ['an angle bracket', '<ha@haiduong.gov.vn>', undefined],
    ['a domain with an empty label', 'ha@haiduong..vn', undefined],
    ['an address literal', 'ha@[127.0.0.1]', undefined],
    ['65 octets before the @', `${'a'.repeat(65)}@haiduong.gov.vn`, undefined],
    ['a megabyte', `${'a'.repeat(1_000_000)}@haiduong.gov.vn`, undefined],
  ]
  for (const [what, given, want] of cases) it(what, () => expect(splitAddress(given)).to.deep.equal(want))
  it('fold is NFC and lower case', () => expect(fold('NGUYE\u0302\u0303N@x.vn')).to.equal('nguyễn@x.vn'))
})

describe('networks that failures are counted for', () => {
  const cases: [given: string, want: string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ]
  for (const [given, want] of cases) it(given, () => expect(networkOf(given)).to.equal(want))
})

describe('slowing', () => {
  it('doubles after five failures of an account, up to fifteen minutes', () => {
    let failures = oneMore('account', undefined, 0)
    const waits = [secondsToWait(failures, 0)]
    for (let n = 2; n <= 16; n++) {
      failures = oneMore('account', failures, 0)
      waits.push(secondsToWait(failures, 0))
    }
    expect(waits).to.deep.equal([0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })
  it('keeps nobody waiting for a clock that has been put back', () => {
    const ahead = { count: 50, lastAt: 1e12, untilAt: 1e12 + 900_000 }
    expect(secondsToWait(ahead, 1e12 + 1)).to.equal(900)
    expect(secondsToWait(ahead, 0)).to.equal(0)
    expect(secondsToWait(oneMore('account', ahead, 0), 0), 'the next failure counts on').to.equal(900)
  })
  it('forgets after an hour', () => {
    expect(oneMore('account', { count: 50, lastAt: 0, untilAt: 900_000 }, 3_600_001).count).to.equal(1)
  })
})
