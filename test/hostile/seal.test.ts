import { expect } from 'chai'
import { sealedHeaderList } from '#kit/message/contract.ts'
import { readMessage } from '#kit/message/read.ts'
import { checkSeal } from '#kit/message/seal.ts'
import { Refusal } from '#kit/refusal.ts'
import { altered, at, register, sample } from '#test/kit/message/support/samples.ts'
import { makeKey, seal } from '#test/kit/message/support/sealing.ts'

const ours = makeKey()
const rsa = makeKey({ selector: 'r1', algorithm: 'rsa' })
const former = makeKey({ selector: 's0', from: '2025-01-01T00:00:00Z', to: '2026-06-01T00:00:00Z' })
const coming = makeKey({ selector: 's2', from: '2027-01-01T00:00:00Z' })
const short = makeKey({ selector: 'r0', algorithm: 'rsa', bits: 1024 })
const partner = makeKey({ domain: 'hungyen.gov.vn', selector: 'p1' })
const stranger = makeKey({ selector: 's1' })
const keys = [ours, rsa, former, coming, short, partner].map((k) => k.key)

const check = (raw: Buffer, change: Partial<Parameters<typeof checkSeal>[1]> = {}) =>
  checkSeal(raw, { keys, at, register, ...change })
const without = (name: string) =>
  sealedHeaderList
    .split(':')
    .filter((field) => field !== name)
    .join(':')
const sealed = async () => seal(await sample(), ours)
const reply = (text: string) =>
  Buffer.from(
    `From: ha.tran@haiduong.gov.vn\r\nTo: so.stttt+8-1@haiduong.gov.vn\r\nMessage-ID: <r1@haiduong.gov.vn>\r\n\r\n${text}\r\n`,
  )

describe('the seal', () => {
  it('holds for a message as submission sends it', async () => {
    const raw = await sealed()
    expect(await check(raw)).to.deep.equal({
      ok: true,
      from: 'phongbcxb.stttt@haiduong.gov.vn',
      sender: 'ha.tran@haiduong.gov.vn',
      domain: 'haiduong.gov.vn',
      selector: 's1',
    })
    expect(readMessage(raw)?.is).to.equal('command')
  })
  it('holds with RSA, with both, and under the lines that delivery adds', async () => {
    expect((await check(await seal(await sample(), rsa))).ok).to.equal(true)
    const both = await seal(await sealed(), rsa)
    expect((await check(both)).ok).to.equal(true)
    const delivered = Buffer.concat([
      Buffer.from(
        'Return-Path: <ha.tran@haiduong.gov.vn>\r\nDelivered-To: so.stttt@haiduong.gov.vn\r\nReceived: from a by b; Mon, 23 Nov 2026 01:00:00 +0000\r\n',
      ),
      both,
    ])
    expect((await check(delivered)).ok).to.equal(true)
  })
  it('holds for a partner’s register by the key of its own domain', async () => {
    const raw = await seal(
      await sample([], {
        from: { address: 'so.stttt@hungyen.gov.vn' },
        sender: { address: 'so.stttt@hungyen.gov.vn' },
      }),
      partner,
    )
    expect(await check(raw)).to.include({ ok: true, domain: 'hungyen.gov.vn' })
  })
  it('holds years later, by the key that was in force when the message came', async () => {
    const raw = await seal(await sample(), former, { signTime: new Date('2026-02-01T00:00:00Z') })
    expect((await check(raw, { at: '2026-02-01T01:00:00Z' })).ok).to.equal(true)
  })
  it('holds for a plain reply, which has no field of ours', async () => {
    expect((await check(await seal(reply('DUYỆT'), ours), { register: 'so.stttt+8-1@haiduong.gov.vn' })).ok).to.equal(
      true,
    )
  })

  /** Each is refused by the seal or by the reader; `by` says which sees it first. */
  const attacks: [
    what: string,
    raw: () => Promise<Buffer>,
    by: 'none' | 'broken' | 'reader',
    why: RegExp,
    change?: Partial<Parameters<typeof checkSeal>[1]>,
  ][] = [
    ['no seal', () => sample(), 'broken', /no DKIM-Signature/],
    ['ordinary mail without a seal', async () => reply('DUYỆT'), 'none', /no DKIM-Signature/],
    [
      'a seal of a stranger’s key under our selector',
      async () => seal(await sample(), stranger),
      'broken',
      /bad signature/,
    ],
    [
      'a selector that the keyring does not know',
      async () => altered(await sealed(), 's=s1', 's=s9'),
      'broken',
      /no key|bad signature/,
    ],
    ['a key that was no longer in force', async () => seal(await sample(), former), 'broken', /no key/],
    ['a key that is not yet in force', async () => seal(await sample(), coming), 'broken', /no key/],
    ['a short RSA key', async () => seal(await sample(), short), 'broken', /policy|weak/],
    ['SHA-1', async () => seal(await sample(), rsa, { algorithm: 'rsa-sha1' }), 'broken', /algorithm rsa-sha1/],
    [
      'From added twice, above',
      async () => Buffer.concat([Buffer.from('From: minh.le@haiduong.gov.vn\r\n'), await sealed()]),
      'broken',
      /exactly one address/,
    ],
    [
      'From added twice, below',
      async () => altered(await sealed(), '\r\nSender:', '\r\nFrom: minh.le@haiduong.gov.vn\r\nSender:'),
      'broken',
      /exactly one address/,
    ],
    [
      'Subject added twice',
      async () => Buffer.concat([Buffer.from('Subject: khac\r\n'), await sealed()]),
      'broken',
      /Subject is there twice/,
    ],
    [
      'Content-Type added twice',
      async () => Buffer.concat([Buffer.from('Content-Type: multipart/mixed; boundary=x\r\n'), await sealed()]),
      'broken',
      /Content-Type is there twice/,
    ],
    [
      'CongSo-Kind added twice',
      async () => Buffer.concat([Buffer.from('CongSo-Kind: dossier.approve\r\n'), await sealed()]),
      'broken',
      /CongSo-Kind is there twice/,
    ],
    [
      'congso-kind in small letters',
      async () => Buffer.concat([Buffer.from('congso-kind: dossier.approve\r\n'), await sealed()]),
      'broken',
      /is there twice/,
    ],
    [
      'In-Reply-To added',
      async () =>
        seal(await sample([], { inReplyTo: undefined } as never), ours).then((raw) =>
          Buffer.concat([Buffer.from('In-Reply-To: <z@haiduong.gov.vn>\r\n'), raw]),
        ),
      'broken',
      /In-Reply-To is not signed/,
    ],
    [
      'Reply-To added',
      async () => Buffer.concat([Buffer.from('Reply-To: so.stttt+1-1@haiduong.gov.vn\r\n'), await sealed()]),
      'broken',
      /Reply-To is not signed/,
    ],
    [
      'List-Id added',
      async () => Buffer.concat([Buffer.from('List-Id: <a.b>\r\n'), await sealed()]),
      'broken',
      /List-Id is not signed/,
    ],
    [
      'an unsigned CongSo field of a new name',
      async () => Buffer.concat([Buffer.from('CongSo-Right: all\r\n'), await sealed()]),
      'broken',
      /CongSo-Right is not signed/,
    ],
    [
      'CongSo-Kind left out of the signature',
      async () => seal(await sample(), ours, { headerList: without('CongSo-Kind') }),
      'broken',
      /CongSo-Kind is not signed/,
    ],
    [
      'Sender left out of the signature',
      async () => seal(await sample(), ours, { headerList: without('Sender') }),
      'broken',
      /Sender is not signed/,
    ],
    [
      'Content-Type left out of the signature',
      async () => seal(await sample(), ours, { headerList: without('Content-Type') }),
      'broken',
      /Content-Type is not signed/,
    ],
    ['no list of signed fields', async () => altered(await sealed(), / h=[^;]+;/, ''), 'broken', /not signed/],
    ['l=', async () => seal(await sample(), ours, { maxBodyLength: 20 }), 'broken', /l= leaves/],
    ['l= put in', async () => altered(await sealed(), 'v=1;', 'v=1; l=0;'), 'broken', /l= leaves/],
    [
      'a tag twice in the signature',
      async () => altered(await sealed(), 'v=1;', 'v=1; d=haiduong.gov.vn;'),
      'broken',
      /no signature of/,
    ],
    ['a changed subject', async () => altered(await sealed(), '261122-0007', '261122-0008'), 'broken', /bad signature/],
    [
      'a changed From',
      async () => altered(await sealed(), '<phongbcxb.stttt@', '<lanhdao.stttt@'),
      'broken',
      /bad signature/,
    ],
    [
      'a changed boundary',
      async () => altered(await sealed(), /boundary="[^"]*"/, 'boundary="x"'),
      'broken',
      /bad signature/,
    ],
    ['a part changed', async () => altered(await sealed(), 'JVBER', 'KVBER'), 'broken', /body hash/],
    ['parts changed in their order', async () => reordered(await sealed()), 'broken', /body hash/],
    [
      'parts changed in their order, by a colleague who may sign',
      async () => seal(reordered(await sample()), ours),
      'reader',
      /second part is application\/pdf/,
    ],
    [
      'text put after the end',
      async () => Buffer.concat([await sealed(), Buffer.from('--x\r\n\r\nDUY')]),
      'broken',
      /body hash/,
    ],
    [
      'another domain’s seal on our From',
      async () => seal(await sample(), { ...partner, key: { ...partner.key } }),
      'broken',
      /no signature of haiduong.gov.vn/,
    ],
    [
      'a subdomain’s seal',
      async () => seal(await sample(), { ...ours, key: { ...ours.key, domain: 'a.haiduong.gov.vn' } }),
      'broken',
      /no signature of/,
    ],
    [
      'a sender of another domain',
      async () => seal(await sample([], { sender: { address: 'so.stttt@hungyen.gov.vn' } }), ours),
      'broken',
      /another domain/,
    ],
    [
      'two people in From',
      async () =>
        seal(
          altered(await sample(), 'phongbcxb.stttt@haiduong.gov.vn>', 'a@haiduong.gov.vn>, b@haiduong.gov.vn'),
          ours,
        ),
      'broken',
      /exactly one address/,
    ],
    [
      'another register in To',
      async () => seal(await sample([], { to: [{ address: 'so.nnmt@haiduong.gov.vn' }] }), ours),
      'broken',
      /not in To/,
    ],
    [
      'our register only in Cc',
      async () =>
        seal(await sample([], { to: [{ address: 'so.nnmt@haiduong.gov.vn' }], cc: [{ address: register }] }), ours),
      'broken',
      /not in To/,
    ],
    [
      'an old message sent again to another register',
      () => sealed(),
      'broken',
      /not in To/,
      { register: 'so.nnmt@haiduong.gov.vn' },
    ],
    [
      'a header with bare line feeds',
      async () => altered(await sealed(), '\r\nCongSo-Kind', '\r\nX: a\nFrom: minh.le@haiduong.gov.vn\r\nCongSo-Kind'),
      'broken',
      /bare line break/,
    ],
    [
      'a field name with a space before its colon',
      async () => Buffer.concat([Buffer.from('From : minh.le@haiduong.gov.vn\r\n'), await sealed()]),
      'broken',
      /not a header field/,
    ],
    [
      'many signatures',
      async () =>
        Buffer.concat([Buffer.from('DKIM-Signature: v=1; d=haiduong.gov.vn; s=s1\r\n'.repeat(50)), await sealed()]),
      'broken',
      /51 signatures/,
    ],
    [
      'an ARC seal in place of DKIM',
      async () => altered(await sealed(), 'DKIM-Signature:', 'ARC-Message-Signature: i=1;'),
      'broken',
      /no DKIM-Signature/,
    ],
    [
      'an ended signature',
      async () => altered(await sealed(), /t=\d+;/, 't=1; x=2;'),
      'broken',
      /bad signature|expired/,
    ],
  ]
  for (const [what, make, by, why, change] of attacks)
    it(`refuses ${what}`, async () => {
      const raw = await make()
      const result = await check(raw, change)
      if (by !== 'reader') {
        expect(result).to.include({ ok: false, seal: by })
        expect(result.ok ? '' : result.why).to.match(why)
        return
      }
      expect(result.ok).to.equal(true)
      expect(() => readMessage(raw)).to.throw(Refusal, why)
    })
})

/** The file in the place of the data part and the other way round. */
function reordered(raw: Buffer): Buffer {
  const text = raw.toString('latin1')
  const boundary = /boundary="([^"]*Part_1)"/.exec(text)![1]!
  const [head, people, data, file, end] = text.split(`--${boundary}`)
  return Buffer.from([head, people, file, data, end].join(`--${boundary}`), 'latin1')
}
