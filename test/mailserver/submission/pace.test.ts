/** Sessions of SMTP and LMTP that do not get on are ended, and those that do are not. */
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { startLmtp } from '#mailserver/lmtp/start.ts'
import { type Paced, Pacer, usualPace } from '#mailserver/submission/pace.ts'
import { startSubmission } from '#mailserver/submission/start.ts'
import { an, type Ground, openGround, settings } from './fixture.ts'

const minute = 60_000
const pace = { ...usualPace, signInMs: minute }

/** A session as smtp-server has it, and what it was told. */
function session(state: Partial<Paced> = {}): Paced & { told: string[] } {
  const told: string[] = []
  return {
    remoteAddress: '192.0.2.1',
    session: { user: 'an' },
    _parser: { _dataMode: false },
    _onCommand: () => undefined,
    send: (code, text) => void told.push(`${code} ${text}`),
    told,
    ...state,
  }
}

describe('submission: the pace of sessions', () => {
  let pacer: Pacer
  beforeEach(() => {
    pacer = new Pacer(pace)
  })
  afterEach(() => pacer[Symbol.dispose]())
  const later = (ms: number) => performance.now() + ms

  const cases: [what: string, state: Partial<Paced>, at: number, told: RegExp | undefined][] = [
    ['a stranger within a minute', { session: {} }, minute - 1_000, undefined],
    ['a stranger after it', { session: {} }, minute + 1_000, /^421 4\.4\.2 Too slow to sign in/],
    ['a command within its time', {}, usualPace.commandMs - 1_000, undefined],
    ['a command that does not end', {}, usualPace.commandMs + 1_000, /^421 4\.4\.2 The command/],
    ['a handshake that does not end', { _upgrading: true, _handlerPending: true }, usualPace.commandMs + 1_000, /^421/],
    ['who waits for us', { _handlerPending: true }, 60 * minute, undefined],
    ['who waits for the answer to a message', { _dataStream: {} }, 60 * minute, undefined],
  ]
  for (const [what, state, at, told] of cases)
    it(what, () => {
      const one = session(state)
      pacer.enter(one)
      pacer.look(later(at))
      if (told) expect(one.told.join()).to.match(told)
      else expect(one.told).to.deep.equal([])
    })

  it('a message has its own time, and the command behind it again', () => {
    const one = session({ _parser: { _dataMode: true }, _dataStream: {} })
    pacer.enter(one)
    pacer.look(later(0))
    pacer.look(later(usualPace.messageMs - 1_000))
    expect(one.told).to.deep.equal([])
    one._parser = { _dataMode: false }
    pacer.look(later(usualPace.messageMs + minute)) // it is decided on
    one._dataStream = undefined
    pacer.look(later(usualPace.messageMs + 2 * minute))
    expect(one.told).to.deep.equal([])
    one._parser = { _dataMode: true }
    one._dataStream = {}
    pacer.look(later(0))
    pacer.look(later(usualPace.messageMs + 1_000))
    expect(one.told.join()).to.match(/^421 4\.4\.2 The message/)
  })

  it('counts strangers by address, our own processes not', () => {
    for (let n = 0; n < 3; n++) pacer.enter(session({ session: {} }))
    pacer.enter(session())
    pacer.enter(session({ session: {}, remoteAddress: '127.0.0.1' }))
    expect([pacer.strangersFrom('192.0.2.1'), pacer.strangersFrom('127.0.0.1')]).to.deep.equal([3, 0])
  })
})

describe('submission: an octet now and then', function () {
  this.timeout(120_000)
  let ground: Ground
  before(async () => {
    ground = await openGround()
  })
  after(() => ground?.[Symbol.asyncDispose]())

  /** Sends this over and over until the other side has closed. @returns all it said */
  function trickle(port: number, begin: string, drop: string, greets = true): Promise<string> {
    return new Promise((resolve) => {
      const socket: Socket = connect(port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk) => {
        heard += chunk
      })
      socket.on('error', () => undefined)
      if (begin !== '') socket.once(greets ? 'data' : 'connect', () => socket.write(begin))
      const dropping = setInterval(() => socket.write(drop), 100)
      socket.once('close', () => {
        clearInterval(dropping)
        resolve(heard)
      })
    })
  }

  it('ends a stranger, and a handshake on the port under TLS', async () => {
    await using submission = await startSubmission({
      settings: { ...settings, patience: 1 },
      ...ground,
      ports: { submission: 0, submissions: 0 },
    })
    expect(await trickle(submission.ports.submission, '', 'N')).to.match(/^421 4\.4\.2 Too slow to sign in/m)
    await trickle(submission.ports.submissions, '\x16\x03\x01\x02\x00', '\x01', false)
  })

  it('ends a message of LMTP', async () => {
    await using lmtp = await startLmtp({ settings: { ...settings, patience: 1 }, ...ground, port: 0 })
    const begin = `LHLO x\r\nMAIL FROM:<a@ngoai.vn>\r\nRCPT TO:<${an}>\r\nDATA\r\nSubject: x\r\n\r\n`
    expect(await trickle(lmtp.port, begin, 'x')).to.match(/^354[^\n]*\n421 4\.4\.2 The message/m)
    expect(ground.inbox(an)).to.deep.equal([])
  })
})
