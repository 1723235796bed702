import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectSecured } from 'node:tls'
import { expect } from 'chai'
import { subsystem } from '#kit/log.ts'
import type { Accounts } from '#mailserver/accounts/port.ts'
import { pop3 } from '#mailserver/pop3/protocol.ts'
import { ClaimBook, Claims } from '#mailserver/sessions/claims.ts'
import { beforeLoginMs, maxStrangersOfAddress } from '#mailserver/sessions/limits.ts'
import { cellsPerThread, Listener } from '#mailserver/sessions/listener.ts'
import type { Store } from '#mailserver/store/port.ts'
import { Contexts } from '#mailserver/tls/contexts.ts'
import { selfSigned } from '#mailserver/tls/selfsigned.ts'
import { until } from '#test/until.ts'

describe('sessions: a listener', () => {
  const { key, certificate } = selfSigned({ names: ['localhost'], from: new Date(Date.now() - 1000), days: 1 })
  let listener: Listener
  let port = 0
  let secured = 0
  const listenTo = async ({ haste = 1 } = {}) => {
    listener = new Listener(
      {
        store: {} as Store,
        accounts: {} as Accounts,
        log: subsystem('test'),
        hostname: 'mail.test',
        now: Date.now,
        haste,
        tls: new Contexts([{ name: 'localhost', key, cert: certificate }]),
      },
      new Int32Array(cellsPerThread),
      { thread: 0, places: 1_000 },
    )
    const claims = new Claims({ ask: () => undefined, release: () => undefined })
    const at = await listener.listen({ protocol: pop3({ claims }), host: '127.0.0.1', plain: 0, secured: 0 })
    port = at.plain
    secured = at.secured!
  }
  beforeEach(() => listenTo())
  afterEach(() => listener[Symbol.asyncDispose]())

  const strangers: [what: string, enter: (socket: Socket) => Promise<void>][] = [
    ['that says nothing', async () => undefined],
    [
      'that asked for TLS and does not shake hands',
      async (socket) => {
        socket.write('STLS\r\n')
        await once(socket, 'data')
      },
    ],
    ['in the middle of a line', async (socket) => void socket.write('USER a')],
    [
      'in the middle of AUTH',
      async (socket) => {
        socket.write('AUTH PLAIN\r\n')
        await once(socket, 'data')
      },
    ],
  ]
  for (const [what, enter] of strangers)
    it(`ends a stranger ${what} after a minute, and not before`, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'data')
      await enter(socket)
      await listener.sweep(performance.now() + beforeLoginMs - 5_000)
      expect(listener.connections).to.equal(1)
      const closed = once(socket, 'close')
      await listener.sweep(performance.now() + beforeLoginMs + 1_000)
      await closed
      await until('its place to be free', () => listener.connections === 0)
    })

  it('ends a handshake of TLS to which an octet is added now and then, and serves who shakes hands', async () => {
    await listener[Symbol.asyncDispose]()
    await listenTo({ haste: 100 }) // a minute is 600 milliseconds
    const slow = connect(secured, '127.0.0.1')
    slow.on('error', () => undefined)
    slow.write(Buffer.from('1603010200', 'hex'))
    const drip = setInterval(() => slow.write(Buffer.of(1)), 50)
    await once(slow, 'close')
    clearInterval(drip)
    const client = connectSecured({ port: secured, host: '127.0.0.1', rejectUnauthorized: false })
    expect(String((await once(client, 'data'))[0])).to.match(/^\+OK/)
    client.destroy()
    await until('its place to be free', () => listener.connections === 0)
  })

  it('leaves half of the places of strangers to others than one address', async () => {
    const open: Socket[] = []
    const greeted = async (from: string): Promise<string> => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from })
      socket.on('error', () => undefined)
      open.push(socket)
      const [greeting] = await once(socket, 'data')
      return String(greeting)
    }
    for (let n = 0; n < maxStrangersOfAddress; n++) expect(await greeted('127.0.9.1')).to.match(/^\+OK/)
    expect(await greeted('127.0.9.1')).to.match(/^-ERR/)
    expect(await greeted('127.0.9.2')).to.match(/^\+OK/)
    for (const socket of open) socket.destroy()
    await until('the places to be free', () => listener.connections === 0)
  })
})

describe('sessions: claims', () => {
  it('are one at a time, and end with their thread', () => {
    const book = new ClaimBook()
    expect(book.take('a', 0)).to.equal(true)
    expect(book.take('a', 0)).to.equal(false)
    expect(book.take('a', 1)).to.equal(false)
    expect(book.take('b', 1)).to.equal(true)
    book.release('a', 1) // not its own
    expect(book.take('a', 1)).to.equal(false)
    book.threadEnded(0)
    expect(book.take('a', 1)).to.equal(true)
    book.release('b', 1)
    expect(book.take('b', 0)).to.equal(true)
  })
})
