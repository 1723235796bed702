import { expect } from 'chai'
import type { Channel } from '#mailserver/accounts/sasl/mechanism.ts'
import { at, password, refusalOf, smallOffice } from '../book.ts'
import { ScramClient, type Wrench } from './scramclient.ts'
import { talk, verdict } from './talk.ts'

const ha = at('ha.tran')
const home = { ip: '192.0.2.7', scope: 'imap' } as const
const exporter = Buffer.alloc(32, 7)
const tls: Channel = { binding: (type) => (type === 'tls-exporter' ? exporter : undefined) }

type Book = Awaited<ReturnType<typeof smallOffice>>['book']
/** One whole exchange; the last empty response included. */
async function scram(
  book: Book,
  {
    name = ha,
    secret = password,
    plus = false,
    channel = undefined as Channel | undefined,
    ...wrench
  }: Wrench & {
    name?: string
    secret?: string
    plus?: boolean
    channel?: Channel | undefined
  } = {},
) {
  const client = new ScramClient(name, secret, wrench)
  const spoken = await talk(book, plus ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256', {
    initial: client.first(),
    responses: [(challenge) => client.final(challenge), ''],
    ...(channel && { channel }),
  })
  return { ...spoken, client }
}

describe('SASL SCRAM-SHA-256', () => {
  it('signs in, and shows the client that it knows the password', async () => {
    using office = await smallOffice()
    const { outcome, challenges, client } = await scram(office.book)
    expect(outcome.kind).to.equal('signed-in')
    expect(client.trusts(challenges[1]!)).to.equal(true)
    if (outcome.kind === 'signed-in') {
      expect(outcome.signedIn.account.address).to.equal(ha)
      expect(office.book.stillGood(outcome.signedIn)).to.equal(true)
      await office.book.setAccount(ha, { password: 'mật khẩu mới 2' })
      expect(office.book.stillGood(outcome.signedIn)).to.equal(false)
    }
    expect(verdict(await scram(office.book))).to.equal('401')
    expect(verdict(await scram(office.book, { secret: 'mật khẩu mới 2' }))).to.equal('signed-in')
  })

  const cases: [what: string, given: Parameters<typeof scram>[1], want: string][] = [
    ['a wrong password', { secret: 'sai' }, '401'],
    ['a name that nobody has', { name: at('khong.co') }, '401'],
    ['an office', { name: at('motcua.stttt') }, '401'],
    ['name in capitals', { name: ha.toUpperCase() }, 'signed-in'],
    ['as oneself', { authorization: ha }, 'signed-in'],
    ['as somebody else', { authorization: at('motcua.stttt') }, '403'],
    ['a password decomposed and not prepared', { secret: password.normalize('NFD') }, '401'],
    ['"y" without TLS: it is true', { flag: 'y' }, 'signed-in'],
    ['"y" under TLS: somebody took -PLUS away', { flag: 'y', channel: tls }, '401'],
    ['"n" under TLS', { channel: tls }, 'signed-in'],
    ['"p" without -PLUS', { flag: 'p=tls-exporter', binding: exporter, channel: tls }, 'malformed'],
    ['-PLUS', { plus: true, flag: 'p=tls-exporter', binding: exporter, channel: tls }, 'signed-in'],
    ['-PLUS with "n"', { plus: true, channel: tls }, 'malformed'],
    [
      '-PLUS of another connection',
      { plus: true, flag: 'p=tls-exporter', binding: Buffer.alloc(32, 8), channel: tls },
      '401',
    ],
    ['-PLUS bound to nothing', { plus: true, flag: 'p=tls-exporter', channel: tls }, '401'],
    [
      '-PLUS with a binding that is not there',
      { plus: true, flag: 'p=tls-unique', binding: exporter, channel: tls },
      'malformed',
    ],
    ['fewer rounds than asked for', { rounds: 4096 }, '401'],
    ['one round', { rounds: 1 }, '401'],
    ['an empty nonce', { nonce: '' }, 'malformed'],
    ['a nonce with a space', { nonce: 'a b' }, 'malformed'],
    ['a nonce of 257', { nonce: 'x'.repeat(257) }, 'malformed'],
    ['a nonce of 8,000', { nonce: 'x'.repeat(8_000) }, 'malformed'],
    ['NUL in the nonce', { nonce: 'a\0b' }, 'malformed'],
    ['NUL in the name', { name: `${ha}\0` }, 'malformed'],
    ['half of the nonce', { bend: (f) => f.replace(/r=([^,]{10})[^,]*/, 'r=$1') }, '401'],
    ['no proof', { bend: (f) => f.replace(/,p=.*/, '') }, 'malformed'],
    ['an empty proof', { bend: (f) => f.replace(/,p=.*/, ',p=') }, 'malformed'],
    ['a short proof', { bend: (f) => f.replace(/,p=.*/, `,p=${Buffer.alloc(31).toString('base64')}`) }, 'malformed'],
    ['a long proof', { bend: (f) => f.replace(/,p=.*/, `,p=${Buffer.alloc(33).toString('base64')}`) }, 'malformed'],
    ['a proof of zeros', { bend: (f) => f.replace(/,p=.*/, `,p=${Buffer.alloc(32).toString('base64')}`) }, '401'],
    ['a proof cut in base64', { bend: (f) => f.slice(0, -1) }, 'malformed'],
    ['an extension slipped in', { bend: (f) => f.replace(',p=', ',x=1,p=') }, '401'],
    ['a second proof', { bend: (f) => `${f},p=${Buffer.alloc(32).toString('base64')}` }, 'malformed'],
  ]
  for (const [what, given, want] of cases)
    it(`${what}: ${want}`, async () => {
      using office = await smallOffice()
      expect(verdict(await scram(office.book, given))).to.equal(want)
    })

  const first: [what: string, message: string, want: string][] = [
    ['an extension that must be understood', `n,,m=1,n=${ha},r=abc`, 'malformed'],
    ['a bare "=" in the name', 'n,,n=a=b,r=abc', 'malformed'],
    ['no header', `n=${ha},r=abc`, 'malformed'],
    ['an unknown flag', `x,,n=${ha},r=abc`, 'malformed'],
    ['nothing', '', 'malformed'],
    ['no name', 'n,,n=,r=abc', 'malformed'],
  ]
  for (const [what, message, want] of first)
    it(`first message with ${what}: ${want}`, async () => {
      using office = await smallOffice()
      expect(verdict(await talk(office.book, 'SCRAM-SHA-256', { initial: message }))).to.equal(want)
    })

  it('takes an answer once: a replayed one does not fit the new nonce', async () => {
    using office = await smallOffice()
    let sent = ''
    const nonce = 'fyko+d2lbbFgONRv9qkxdawL'
    const keep = (final: string) => {
      sent = final
      return final
    }
    expect(verdict(await scram(office.book, { nonce, bend: keep }))).to.equal('signed-in')
    expect(verdict(await scram(office.book, { nonce, bend: () => sent }))).to.equal('401')
    // with the new nonce, but the old proof
    const both = (final: string) => `${final.replace(/,p=.*/, '')},p=${/p=(.*)$/.exec(sent)![1]}`
    expect(verdict(await scram(office.book, { nonce, bend: both }))).to.equal('401')
  })

  it('tells names that nobody has from others in nothing: the salt is stable, and one for each', async () => {
    using office = await smallOffice()
    const salts = new Map<string, Set<string>>()
    for (const name of [ha, at('khong.co'), at('cung.khong'), at('motcua.stttt')])
      for (let i = 0; i < 2; i++) {
        const { client } = await scram(office.book, { name, secret: i === 0 ? 'sai' : 'sai nữa' })
        const [, salt, rounds] = /s=([^,]+),i=(\d+)$/.exec(client.serverFirst)!
        expect(Buffer.from(salt!, 'base64').length).to.equal(16)
        expect(rounds).to.equal('65536')
        salts.set(name, (salts.get(name) ?? new Set()).add(salt!))
      }
    expect([...salts.values()].map((s) => s.size)).to.deep.equal([1, 1, 1, 1])
    expect(new Set([...salts.values()].flatMap((s) => [...s])).size).to.equal(4)
  })

  it('is slowed like every other mechanism, and slows them', async () => {
    using office = await smallOffice()
    for (let i = 0; i < 6; i++) expect(verdict(await scram(office.book, { secret: 'sai' }))).to.equal('401')
    expect(
      verdict(await talk(office.book, 'SCRAM-SHA-256', { initial: new ScramClient(ha, password).first() })),
    ).to.equal('429')
    expect((await refusalOf(office.book.signIn(ha, password, home))).status).to.equal(429)
    office.clock.now += 60_000
    expect(verdict(await scram(office.book))).to.equal('signed-in')
    // known from there now, and judged by what is tried from there alone
    for (let i = 0; i < 6; i++) await refusalOf(office.book.signIn(ha, 'sai', { ...home, ip: '198.51.100.9' }))
    expect(verdict(await scram(office.book))).to.equal('signed-in')
  })

  it('works for an account of before SCRAM from its next sign-in with the password on', async () => {
    using office = await smallOffice()
    office.forget('scram')
    expect(verdict(await scram(office.book))).to.equal('401')
    await office.book.signIn(ha, password, home)
    expect(verdict(await scram(office.book))).to.equal('signed-in')
  })

  it('takes app passwords too, though the client names only the account', async () => {
    using office = await smallOffice()
    const { password: app, row } = await office.book.addAppPassword({
      address: ha,
      name: 'Điện thoại',
      scopes: ['imap'],
    })
    const { password: sending } = await office.book.addAppPassword({ address: ha, name: 'Máy quét', scopes: ['smtp'] })
    const { outcome } = await scram(office.book, { secret: app })
    expect(outcome.kind === 'signed-in' && outcome.signedIn.appPassword).to.equal(row.id)
    expect(verdict(await scram(office.book))).to.equal('signed-in')
    expect(verdict(await scram(office.book, { secret: sending }))).to.equal('403')
    office.book.revokeAppPassword(ha, row.id)
    expect(outcome.kind === 'signed-in' && office.book.stillGood(outcome.signedIn)).to.equal(false)
    expect(verdict(await scram(office.book, { secret: app }))).to.equal('401')
  })

  it('hashes passwords as clients do (SASLprep)', async () => {
    using office = await smallOffice()
    await office.book.setAccount(ha, { password: 'Hồ\u00a0sơ\u00ad ﬁnal ½'.normalize('NFD') })
    expect(verdict(await scram(office.book, { secret: 'Hồ sơ final 1⁄2'.normalize('NFC') }))).to.equal('signed-in')
  })
})
