import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import { compose } from '#kit/mail/compose.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { submit } from '#kit/mail/submit.ts'
import { Refusal } from '#kit/refusal.ts'

const error = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })

async function server(given: { data?: () => Error | null } = {}) {
  const got: { user: unknown; to: string[]; raw: Buffer }[] = []
  const smtp = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _s, done) =>
      password === 'token' ? done(null, { user: username }) : done(error(535, '5.7.8 no')),
    onRcptTo: ({ address }, _s, done) =>
      address.startsWith('x')
        ? done(error(550, '5.1.1 No such address'))
        : address.startsWith('full')
          ? done(error(552, '5.2.2 Full'))
          : done(),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (c: Buffer) => chunks.push(c))
      stream.on('end', () => {
        const err = given.data?.() ?? null
        if (!err)
          got.push({
            user: session.user,
            to: session.envelope.rcptTo.map((r) => r.address),
            raw: Buffer.concat(chunks),
          })
        done(err)
      })
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const { port } = smtp.server.address() as { port: number }
  const access: MailAccess = { host: '127.0.0.1', port, user: 'ha.tran@haiduong.gov.vn', token: 'token', tls: 'none' }
  return { got, access, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => smtp.close(() => resolve())) }
}
const raw = Buffer.from('From: a@haiduong.gov.vn\r\nSubject: x\r\n\r\n.dot\r\n')
const refusal = (p: Promise<unknown>) =>
  p.then(
    () => undefined,
    (err: unknown) => err as Refusal,
  )

describe('submit', () => {
  it('resolves with the server’s 250 and delivers the octets', async () => {
    await using s = await server()
    const done = await submit(s.access, { from: 'a@haiduong.gov.vn', to: ['b@haiduong.gov.vn', 'c@example.com'], raw })
    expect(done.reply).to.match(/^250/)
    expect(done.accepted).to.deep.equal(['b@haiduong.gov.vn', 'c@example.com'])
    expect(s.got[0]!.raw.equals(raw)).to.equal(true)
    expect(s.got[0]!.user).to.equal('ha.tran@haiduong.gov.vn')
  })
  it('names each recipient that was refused, and sends to the others', async () => {
    await using s = await server()
    const done = await submit(s.access, {
      from: 'a@haiduong.gov.vn',
      to: ['b@haiduong.gov.vn', 'x@haiduong.gov.vn'],
      raw,
    })
    expect(done.accepted).to.deep.equal(['b@haiduong.gov.vn'])
    expect(done.refused).to.have.length(1)
    expect(done.refused[0]).to.include({ to: 'x@haiduong.gov.vn', code: 550 })
  })
  const cases: [
    what: string,
    change: Partial<MailAccess>,
    to: string[],
    data: () => Error | null,
    status: number,
    advice: RegExp,
  ][] = [
    ['a token that ended', { token: 'old' }, ['b@haiduong.gov.vn'], () => null, 401, /Đăng nhập lại/],
    ['nobody who takes it', {}, ['x@haiduong.gov.vn'], () => null, 422, /x@haiduong.gov.vn/],
    ['a full mailbox', {}, ['full@haiduong.gov.vn'], () => null, 413, /đầy/],
    ['a refusal for now', {}, ['b@haiduong.gov.vn'], () => error(451, '4.3.0 later'), 503, /Thử lại/],
    ['a refusal for good', {}, ['b@haiduong.gov.vn'], () => error(550, '5.7.1 From is not yours'), 422, /người gửi/],
  ]
  for (const [what, change, to, data, status, advice] of cases)
    it(`is a Refusal ${status} for ${what}`, async () => {
      await using s = await server({ data })
      const err = await refusal(submit({ ...s.access, ...change }, { from: 'a@haiduong.gov.vn', to, raw }))
      expect(err).to.be.instanceOf(Refusal)
      expect(err).to.include({ status })
      expect(err!.advice).to.match(advice)
    })
  it('is an Error when nobody listens, and when the connection ends before the answer', async () => {
    const deaf = createServer((socket) => socket.end('220 hello\r\n'))
    deaf.listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    const { port } = deaf.address() as { port: number }
    const access: MailAccess = { host: '127.0.0.1', port, user: 'a', token: 'b', tls: 'none' }
    const err = await refusal(submit(access, { from: 'a@b.vn', to: ['c@d.vn'], raw }))
    deaf.close()
    expect(err).to.be.instanceOf(Error).and.not.to.be.instanceOf(Refusal)
    const none = await refusal(submit({ ...access, port: 1 }, { from: 'a@b.vn', to: ['c@d.vn'], raw }))
    expect(none).to.be.instanceOf(Error).and.not.to.be.instanceOf(Refusal)
  })
})

describe('compose', () => {
  const mail = {
    from: { name: 'Hà', address: 'ha@haiduong.gov.vn' },
    to: [{ address: 'b@example.com' }],
    subject: 'Chào',
    messageId: 'x@haiduong.gov.vn',
    date: new Date(0),
    text: 'a',
  }
  it('makes the same octets of the same mail', async () => {
    expect((await compose(mail)).equals(await compose(mail))).to.equal(true)
  })
  it('lets no line break from a subject, a name or a file name into the header', async () => {
    const smuggled = 'x\r\nBcc: evil@example.com\r\n\r\nbody'
    const out = (
      await compose({
        ...mail,
        subject: smuggled,
        from: { name: smuggled, address: 'ha@haiduong.gov.vn' },
        headers: [{ name: 'X-Note', value: smuggled }],
        files: [{ name: smuggled, type: 'text/plain', content: Buffer.from('x') }],
      })
    ).toString()
    expect(out).not.to.match(/^Bcc:/im)
  })
  const bad: [what: string, change: object][] = [
    ['an address with a line break', { to: [{ address: 'a@b.vn\r\nBcc: c@d.vn' }] }],
    ['an address with brackets', { to: [{ address: 'a@b.vn> <c@d.vn' }] }],
    ['two addresses in one', { to: [{ address: 'a@b.vn,c@d.vn' }] }],
    ['an identifier with a space', { messageId: 'a b@c' }],
    ['a field name with a colon', { headers: [{ name: 'X: y', value: 'z' }] }],
  ]
  for (const [what, change] of bad)
    it(`throws for ${what}`, async () => {
      expect(
        await compose({ ...mail, ...change }).then(
          () => undefined,
          (e: unknown) => e,
        ),
      ).to.be.instanceOf(TypeError)
    })
})
