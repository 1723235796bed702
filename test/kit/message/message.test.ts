import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { eventText, readEvent } from '#kit/message/data.ts'
import { readMessage } from '#kit/message/read.ts'
import { readReplyTo, replyTo } from '#kit/message/replyto.ts'
import { fileRef, writeCommand, writeEvent, writeNotice } from '#kit/message/write.ts'
import { Refusal } from '#kit/refusal.ts'
import { altered, bodies, command, envelope, event, pdf, sample } from '#test/kit/message/support/samples.ts'

const why = (raw: Buffer, known = {}): string => {
  try {
    readMessage(raw, known)
  } catch (err) {
    if (err instanceof Refusal) return err.message
    throw err
  }
  return 'read'
}

/** A command whose data part's text is changed before it is encoded. */
const withData = async (change: (data: string) => string) => {
  const raw = await sample([])
  const data = readMessage(raw)!.data
  const encoded = (text: string) =>
    Buffer.from(text)
      .toString('base64')
      .replaceAll(/.{76}(?=.)/g, '$&\r\n')
  return altered(raw, encoded(data), encoded(change(data)))
}

describe('structured message', () => {
  it('comes back as it was written, with its files by their octets', async () => {
    const raw = await sample()
    const m = readMessage(raw)!
    expect(m.is).to.equal('command')
    if (m.is !== 'command') return
    expect(m.command).to.deep.equal({ ...command, files: [fileRef(pdf)] })
    expect(m.head.messageId).to.equal(envelope.messageId)
    expect(m.head.from).to.deep.equal(envelope.from)
    expect(m.head.sender).to.deep.equal(envelope.sender)
    expect(m.head.subject).to.equal(envelope.subject)
    expect(m.head.references).to.deep.equal(envelope.references)
    expect(m.head.autoSubmitted).to.equal('no')
    expect(m.text.trim()).to.equal(bodies.text.trim())
    expect(m.files[0]!.content.equals(pdf.content)).to.equal(true)
    expect(raw.equals(await sample())).to.equal(true)
  })

  it('keeps an event’s data part to the octet, for the hash chain', async () => {
    const { raw, data } = await writeEvent(envelope, bodies, event)
    const m = readMessage(raw)!
    expect(m.data).to.equal(data)
    expect(m.data).to.equal(eventText(event))
    expect(readEvent(data)).to.deep.equal(event)
    expect(m.head.autoSubmitted).to.equal('auto-generated')
  })

  it('lets an event carry some of the files that it names', async () => {
    const other = { name: 'b.txt', type: 'text/plain', content: Buffer.from('b\n') }
    const { raw } = await writeEvent(envelope, bodies, { ...event, files: [fileRef(pdf), fileRef(other)] }, [other])
    expect(readMessage(raw)!.files.map((f) => f.ref.name)).to.deep.equal(['b.txt'])
  })

  it('writes notices that can be answered', async () => {
    const replies = replyTo({ register: 'so.stttt@haiduong.gov.vn', seq: 12, n: 1 })
    const notice = {
      ledger: event.ledger,
      seq: 12,
      at: event.at,
      kind: event.kind,
      v: 1,
      case: event.case,
      data: {},
      asks: ['dossier.approve'],
    }
    const m = readMessage(await writeNotice({ ...envelope, replyTo: replies }, bodies, notice, [pdf]))!
    expect(m.head.replyTo).to.equal('so.stttt+12-1@haiduong.gov.vn')
    expect(m.is === 'notice' && m.notice.asks).to.deep.equal(['dossier.approve'])
    expect(readReplyTo(m.head.replyTo!)).to.deep.equal({ register: event.ledger, seq: 12, n: 1 })
  })

  it('keeps names and types of files that programs write in their own ways', async () => {
    const names = [
      'a.pdf',
      'Đơn đề nghị (bản sao) “cuối”.docx',
      'a; b="c".pdf',
      "it's 100%.pdf",
      `${'ấ'.repeat(90)}.pdf`,
      '日本.png',
      "a'b''c.pdf",
      '=?UTF-8?Q?x?=.pdf',
    ]
    const types = [
      'application/pdf',
      'text/plain; charset=utf-8',
      'message/rfc822',
      'IMAGE/PNG',
      'text/html',
      'nonsense',
    ]
    const files = names.map((name, i) => ({
      name,
      type: types[i % types.length]!,
      content: Buffer.from(`${i}\nFrom x\r\n.\n\r--\n`),
    }))
    const m = readMessage(await sample(files))!
    expect(m.files.map((f) => f.ref)).to.deep.equal(files.map(fileRef))
    expect(m.files.map((f) => createHash('sha256').update(f.content).digest('hex'))).to.deep.equal(
      files.map((f) => fileRef(f).sha256),
    )
  })

  it('takes mail without our fields as ordinary mail', async () => {
    const raw = Buffer.from('From: a@example.com\nSubject: =?broken\n\nhello')
    expect(readMessage(raw)).to.equal(undefined)
  })

  it('reads this version of a command and the one before', async () => {
    const raw = await sample()
    expect(why(raw, { versions: () => 1 })).to.equal('read')
    expect(why(raw, { versions: () => 2 })).to.equal('read')
    expect(why(raw, { versions: () => 3 })).to.match(/version 1 of dossier.forward/)
    expect(why(raw, { versions: () => undefined })).to.match(/no act/)
  })

  it('refuses a form that is larger than a command may be, before it is sent', async () => {
    const big = writeCommand(envelope, bodies, { ...command, data: { note: 'x'.repeat(70_000) } })
    expect(await big.catch((err: Refusal) => err.status)).to.equal(413)
  })

  const cases: [what: string, raw: () => Promise<Buffer>, why: RegExp][] = [
    [
      'an unknown member',
      () => withData((d) => d.replace('"saw":7', '"saw":7,"actor":"minh.le"')),
      /unknown member "actor"/,
    ],
    ['a member twice', () => withData((d) => d.replace('"saw":7', '"saw":7,"saw":8')), /"saw" twice/],
    [
      'a member twice, spelled by escapes',
      () => withData((d) => d.replace('"saw":7', '"saw":7,"\\u0073aw":8')),
      /"saw" twice/,
    ],
    ['__proto__', () => withData((d) => d.replace('"note"', '"__proto__"')), /__proto__/],
    [
      'deep nesting',
      () => withData((d) => d.replace('"data":{', `"data":{"x":${'['.repeat(60)}${']'.repeat(60)},`)),
      /deeper/,
    ],
    [
      'brackets without end',
      () => withData((d) => d.replace('"data":{', `"data":{"x":${'['.repeat(30_000)}`)),
      /deeper/,
    ],
    [
      'a huge data part',
      () => withData((d) => d.replace('"note":"', `"note":"${'x'.repeat(70_000)}`)),
      /octets, at most 65536/,
    ],
    ['not JSON', () => withData((d) => d.slice(1)), /not JSON|not an object/],
    ['null', () => withData(() => 'null'), /neither/],
    ['a negative saw', () => withData((d) => d.replace('"saw":7', '"saw":-7')), /saw/],
    ['another case than in the header', () => withData((d) => d.replace('K7M2-Q9PX-4', 'K7M2-Q9PX-5')), /CongSo-Case/],
    [
      'another kind than in the header',
      () => withData((d) => d.replace('dossier.forward', 'dossier.approve')),
      /CongSo-Kind/,
    ],
    [
      'an event in place of a command is read as an event',
      async () => (await writeEvent(envelope, bodies, event)).raw,
      /^read$/,
    ],
    [
      'CongSo-Kind twice',
      async () => altered(await sample(), 'CongSo-Kind:', 'CongSo-Kind: dossier.approve\r\nCongSo-Kind:'),
      /CongSo-Kind is there 2 times/,
    ],
    [
      'an unknown CongSo field',
      async () => altered(await sample(), 'CongSo-Kind:', 'CongSo-Right: all\r\nCongSo-Kind:'),
      /unknown field CongSo-Right/,
    ],
    [
      'From twice',
      async () => altered(await sample(), 'Sender:', 'From: x@haiduong.gov.vn\r\nSender:'),
      /From is there 2 times/,
    ],
    [
      'two people in From',
      async () => altered(await sample(), 'phongbcxb.stttt@haiduong.gov.vn>', 'a@haiduong.gov.vn>, b@haiduong.gov.vn'),
      /exactly one address/,
    ],
    [
      'a group in From',
      async () => altered(await sample(), /From: .*\r\n/, 'From: nhom: a@haiduong.gov.vn, b@haiduong.gov.vn;\r\n'),
      /exactly one address/,
    ],
    ['no Message-ID', async () => altered(await sample(), /Message-ID: .*\r\n/, ''), /Message-ID/],
    [
      'a bare line feed in the header',
      async () => altered(await sample(), 'CongSo-Kind:', 'X: a\nY: b\r\nCongSo-Kind:'),
      /bare line break/,
    ],
    [
      'a NUL in the header',
      async () => altered(await sample(), 'CongSo-Kind:', 'X: \0\r\nCongSo-Kind:'),
      /control character/,
    ],
    [
      'a space before the colon',
      async () => altered(await sample(), 'CongSo-Case:', 'CongSo-Case :'),
      /not a header field/,
    ],
    ['multipart/related', async () => altered(await sample(), 'multipart/mixed', 'multipart/related'), /content type/],
    [
      'the data part as text',
      async () => altered(await sample(), 'application/vnd.congso+json', 'text/plain'),
      /second part is text\/plain/,
    ],
    ['two boundaries', async () => altered(await sample(), 'boundary=', 'boundary=x; boundary='), /parameter twice/],
    [
      'text before the parts',
      async () => altered(await sample(), '\r\n\r\n--', '\r\n\r\nhidden\r\n--'),
      /before the first part/,
    ],
    [
      'text after the parts',
      async () => Buffer.concat([await sample(), Buffer.from('hidden\r\n')]),
      /after the last part/,
    ],
    ['a multipart that does not end', async () => altered(await sample(), /--\r\n$/, '\r\n'), /not closed/],
    [
      'a file that the data part does not name',
      async () => altered(await sample(), 'JVBER', 'KVBER'),
      /differs in sha256/,
    ],
    [
      'a renamed file',
      async () => altered(await sample(), "filename*0*=utf-8''%C4%90", "filename*0*=utf-8''%41"),
      /differs in name/,
    ],
    ['base64 with something between', async () => altered(await sample(), 'JVBER', 'JV!BER'), /base64/],
    [
      'a second data part',
      async () => altered(await sample([{ ...pdf, type: 'text/x-a' }]), 'text/x-a', 'application/vnd.congso+json'),
      /second data part/,
    ],
    [
      'an inline file',
      async () =>
        altered(
          await sample(),
          /Content-Disposition: attachment;\r\n filename\*/,
          'Content-Disposition: inline;\r\n filename*',
        ),
      /not an attachment/,
    ],
    [
      'text in another charset',
      async () => altered(await sample(), 'text/plain; charset=utf-8', 'text/plain; charset=utf-7'),
      /charset utf-7/,
    ],
    [
      'a header without end',
      async () => Buffer.from(`CongSo-Kind: a.b\r\nX: ${'y'.repeat(300_000)}\r\n\r\n`),
      /does not end/,
    ],
  ]
  for (const [what, raw, expected] of cases)
    it(`${expected.source === '^read$' ? '' : 'refuses '}${what}`, async () =>
      expect(why(await raw())).to.match(expected))

  it('answers any cut and any flipped octet with a Refusal, never another error', async () => {
    const raw = await sample()
    let seed = 7
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return seed % n
    }
    for (let i = 0; i < 400; i++) {
      const bad = Buffer.from(raw.subarray(0, i % 2 ? raw.length : random(raw.length)))
      if (i % 2) bad[random(bad.length)] = random(256)
      why(bad)
    }
  })
})

describe('reply address', () => {
  const cases: [given: string, want: unknown][] = [
    ['so.stttt+12-1@haiduong.gov.vn', { register: 'so.stttt@haiduong.gov.vn', seq: 12, n: 1 }],
    ['SO.stttt+12-0@haiduong.gov.vn', { register: 'so.stttt@haiduong.gov.vn', seq: 12, n: 0 }],
    ['so.stttt@haiduong.gov.vn', undefined],
    ['so.stttt+12@haiduong.gov.vn', undefined],
    ['so.stttt+012-1@haiduong.gov.vn', undefined],
    ['so.stttt+1e3-1@haiduong.gov.vn', undefined],
    ['so.stttt+12-1+13-1@haiduong.gov.vn', undefined],
    ['so.stttt+12-1@haiduong.gov.vn\r\nBcc: x@y', undefined],
    ['so.stttt+12345678901234567890-1@haiduong.gov.vn', undefined],
  ]
  for (const [given, want] of cases) it(JSON.stringify(given), () => expect(readReplyTo(given)).to.deep.equal(want))
  it('does not make a local part of more than 64 octets', () =>
    expect(() => replyTo({ register: `${'x'.repeat(62)}@haiduong.gov.vn`, seq: 1, n: 0 })).to.throw(RangeError))
})
