import { expect } from 'chai'
import { checkSeal } from '#kit/message/seal.ts'
import { seal } from '#mailserver/seal/seal.ts'
import { emptyBook } from '#test/mailserver/accounts/book.ts'

const message = Buffer.from(
  [
    'From: "Sổ" <so.stttt@haiduong.gov.vn>',
    'To: <so.stttt@haiduong.gov.vn>',
    'Subject: =?utf-8?q?H=E1=BB=93_s=C6=A1?=',
    'Message-ID: <a@haiduong.gov.vn>',
    'Date: Tue, 24 Nov 2026 09:00:00 +0700',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'CongSo-Kind: dossier.receive',
    'CongSo-Case: K7M2-Q9PX-4',
    '',
    'Nội dung',
    '',
  ].join('\r\n'),
)

describe('sealing', () => {
  it('is what the reader of seals asks for, with each of the two keys alone', async () => {
    using empty = emptyBook({ now: Date.now() + 2_000 })
    const keys = empty.book.sealKeys('haiduong.gov.vn')
    const at = new Date(empty.clock.now).toISOString()
    for (const some of [keys, keys.slice(0, 1), keys.slice(1)]) {
      const sealed = await seal(message, 'haiduong.gov.vn', some)
      const found = await checkSeal(sealed, { keys: empty.book.keys(), at, register: 'so.stttt@haiduong.gov.vn' })
      expect(found).to.include({ ok: true, from: 'so.stttt@haiduong.gov.vn', domain: 'haiduong.gov.vn' })
      expect(sealed.subarray(-message.length).equals(message)).to.equal(true)
    }
  })

  it('does not survive a changed field', async () => {
    using empty = emptyBook({ now: Date.now() + 2_000 })
    const sealed = await seal(message, 'haiduong.gov.vn', empty.book.sealKeys('haiduong.gov.vn'))
    const changed = Buffer.from(sealed.toString('utf8').replace('K7M2-Q9PX-4', 'K7M2-Q9PX-5'))
    const found = await checkSeal(changed, { keys: empty.book.keys(), at: new Date(empty.clock.now).toISOString() })
    expect(found).to.include({ ok: false, seal: 'broken' })
  })

  it('refuses to go on without a key', async () => {
    const failed = await seal(message, 'haiduong.gov.vn', []).catch((e: unknown) => e)
    expect(failed).to.be.instanceOf(Error)
  })

  describe('covers each field that decides anything', () => {
    const long = Buffer.from(
      message
        .toString('utf8')
        .replace(
          'Subject:',
          'Sender: <ha.tran@haiduong.gov.vn>\r\nCc: <an@haiduong.gov.vn>\r\nReply-To: <so.stttt+1-1@haiduong.gov.vn>\r\nIn-Reply-To: <b@haiduong.gov.vn>\r\nReferences: <b@haiduong.gov.vn>\r\nAuto-Submitted: auto-generated\r\nCongSo-Later: x\r\nSubject:',
        ),
    )
    const attacks: [string, (sealed: string) => string][] = [
      ...[...long.toString('utf8').matchAll(/^([A-Z][\w-]+): (.*)$/gm)].map(
        ([line, name]): [string, (s: string) => string] => [
          `${name} changed`,
          (s) => s.replace(`\r\n${line.trimEnd()}`, `\r\n${line.trimEnd()}x`),
        ],
      ),
      ...[
        'From: <an@haiduong.gov.vn>',
        'Sender: <an@haiduong.gov.vn>',
        'To: <x@haiduong.gov.vn>',
        'Subject: x',
        'CongSo-Kind: x',
        'CongSo-New: x',
        'Content-Transfer-Encoding: base64',
        'List-Id: <x>',
        'Precedence: bulk',
      ].map((line): [string, (s: string) => string] => [
        `${line.split(':')[0]} added on top`,
        (s) => `${line}\r\n${s}`,
      ]),
      ['a field taken away', (s) => s.replace(/^CongSo-Case: .*\r\n/m, '')],
      ['text added to the body', (s) => `${s}More\r\n`],
      ['body length limited', (s) => s.replaceAll(' b=', ' l=0; b=')],
    ]
    for (const [name, attack] of attacks)
      it(name, async () => {
        using empty = emptyBook({ now: Date.now() + 2_000 })
        const sealed = (await seal(long, 'haiduong.gov.vn', empty.book.sealKeys('haiduong.gov.vn'))).toString('utf8')
        const given = { keys: empty.book.keys(), at: new Date(empty.clock.now).toISOString() }
        expect(await checkSeal(Buffer.from(sealed), given)).to.include({ ok: true })
        const attacked = attack(sealed)
        expect(attacked).not.to.equal(sealed)
        expect(await checkSeal(Buffer.from(attacked), given)).to.include({ ok: false })
      })
  })
})
