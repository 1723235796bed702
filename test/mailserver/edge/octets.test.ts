import { expect } from 'chai'
import { Octets } from '#mailserver/edge/smtp/octets.ts'

type Event = { command: string } | { message: string } | 'bare line feed' | { early: number }

/** Feeds chunks to a reader that is in DATA from the word DATA on, and answers each message at once or when `answer` is called. */
function reader({ waits = false } = {}) {
  const events: Event[] = []
  let taken = ''
  let answer = () => {}
  const octets = new Octets((early) => events.push({ early }))
  octets.oncommand = (command, done) => {
    events.push({ command: command.toString() })
    if (command.toString() === 'DATA')
      octets.startData({
        take(part) {
          taken += part.toString('latin1')
          return waits ? new Promise((resolve) => setImmediate(resolve)) : undefined
        },
        ended() {
          events.push({ message: taken })
          taken = ''
          answer = () => {
            if (!octets.resume()) events.push('bare line feed')
          }
          if (!waits) answer()
        },
        bareLineFeed: () => events.push('bare line feed'),
      })
    done?.()
  }
  const write = (chunk: string) =>
    new Promise<void>((resolve) => octets.write(Buffer.from(chunk, 'latin1'), () => resolve()))
  return { events, octets, write, answer: () => answer(), taken: () => taken }
}

describe('octets of SMTP', () => {
  const message = 'A: b\r\n\r\n.\rx\r\n..two\r\n.\r\r\n\0.\r\nx\r.\r\r\n'
  const sent = 'A: b\r\n\r\n..\rx\r\n...two\r\n..\r\r\n\0.\r\nx\r.\r\r\n'

  it('a message comes out as it was, wherever it is divided', async () => {
    const all = `${sent}.\r\n`
    for (let one = 0; one <= all.length; one++)
      for (const two of [one, one + 1, one + 2, all.length]) {
        const r = reader()
        for (const chunk of ['DATA\r\n', all.slice(0, one), all.slice(one, two), all.slice(two)])
          if (chunk !== '') await r.write(chunk)
        expect(r.events, `${one}, ${two}`).to.deep.equal([{ command: 'DATA' }, { message }])
        await r.write('QUIT\r\n')
        expect(r.events.at(-1)).to.deep.equal({ command: 'QUIT' })
      }
  })

  it('one octet at a time, and with a taker that is slow', async () => {
    for (const waits of [false, true]) {
      const r = reader({ waits })
      await r.write('DATA\r\n')
      const writes = [...`${sent}.\r\n`].map((octet) => r.write(octet))
      if (waits) while (r.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
      r.answer()
      await Promise.all(writes)
      expect(r.events).to.deep.equal([{ command: 'DATA' }, { message }])
    }
  })

  it('an empty message, and one whose first line begins with a dot', async () => {
    for (const [wire, want] of [
      ['.\r\n', ''],
      ['..\r\n.\r\n', '.\r\n'],
      ['.x\r\n.\r\n', 'x\r\n'], // RFC 5321 §4.5.2: the first dot of a line that has more is taken off
      ['\r\n.\r\n', '\r\n'],
    ] as const) {
      const r = reader()
      await r.write(`DATA\r\n${wire}`)
      expect(r.events, wire).to.deep.equal([{ command: 'DATA' }, { message: want }])
    }
  })

  for (const end of ['\n.\n', '\n.\r\n', '\r\n.\n', '\n', '\r\n\n.\r\n', '\n\r\n.\r\n', '.\n.\r\n'])
    it(`a line feed by itself is refused: ${JSON.stringify(end)}`, async () => {
      for (const before of ['', 'x', 'x\r\n'])
        for (const chunks of [[`${before}${end}`], [...`${before}${end}`]]) {
          const r = reader()
          await r.write('DATA\r\n')
          for (const chunk of [...chunks, 'MAIL FROM:<evil@example.com>\r\n.\r\n']) await r.write(chunk)
          expect(r.events, `${before}, ${chunks.length}`).to.deep.equal([{ command: 'DATA' }, 'bare line feed'])
        }
    })

  for (const end of [
    '\r.\r',
    '\r.\r\n',
    '\r\n\0.\r\n',
    '\r\n .\r\n',
    '\r\n.\r\r\n',
    '\r\n.\0\r\n',
    '.\r\n',
    '\r\n..\r\n',
  ])
    it(`is not the end of a message: ${JSON.stringify(end)}`, async () => {
      for (const chunks of [[`x${end}`], [...`x${end}`]]) {
        const r = reader()
        await r.write('DATA\r\n')
        for (const chunk of [...chunks, 'MAIL FROM:<evil@example.com>\r\n']) await r.write(chunk)
        expect(r.events).to.deep.equal([{ command: 'DATA' }])
      }
    })

  it('commands before the answer are counted and not run, in the same chunk or after it; those behind it are', async () => {
    for (const chunks of [
      ['x\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n'],
      ['x\r\n.\r\nMAIL FR', 'OM:<a@b>\r\nRCPT TO:<c@d>\r\n'],
    ]) {
      const r = reader({ waits: true })
      await r.write('DATA\r\n')
      const writes = chunks.map((chunk) => r.write(chunk))
      while (r.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
      r.answer()
      await Promise.all(writes)
      expect(r.events.slice(2).reduce((sum, e) => sum + (e as { early: number }).early, 0)).to.equal(2)
      expect(r.events.filter((e) => typeof e === 'object' && 'command' in e)).to.deep.equal([{ command: 'DATA' }])
      await r.write('NOOP\r\n')
      expect(r.events.at(-1)).to.deep.equal({ command: 'NOOP' })
    }
  })

  it('QUIT behind the message is run', async () => {
    const r = reader({ waits: true })
    await r.write('DATA\r\n')
    const writes = ['x\r\n.\r\n', 'QUIT\r\n'].map((chunk) => r.write(chunk))
    while (r.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
    r.answer()
    await Promise.all(writes)
    expect(r.events.at(-1)).to.deep.equal({ command: 'QUIT' })
  })

  it('a flood before the answer is not read', async () => {
    const r = reader({ waits: true })
    await r.write('DATA\r\n')
    void r.write(`x\r\n.\r\n${'NOOP\r\n'.repeat(2_000)}`)
    while (r.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(r.octets.resume()).to.equal(false)
  })

  it('a line that is too long is an error, with and without its end', async () => {
    for (const line of ['x'.repeat(3_000), `${'x'.repeat(3_000)}\r\n`]) {
      const r = reader()
      const failed = new Promise<Error>((resolve) => r.octets.once('error', resolve))
      r.octets.write(Buffer.from(line))
      expect(Octets.tooLong(await failed)).to.equal(true)
      expect(r.events).to.deep.equal([])
    }
  })

  it('a fault in what takes the message is an error of the stream, and ends nothing else', async () => {
    const octets = new Octets(() => {})
    octets.oncommand = (_command, done) => {
      octets.startData({
        take() {
          throw new Error('a fault')
        },
        ended() {},
        bareLineFeed() {},
      })
      done?.()
    }
    const failed = new Promise<Error>((resolve) => octets.once('error', resolve))
    octets.write(Buffer.from('DATA\r\nx\r\n'))
    const err = await failed
    expect(err.message).to.equal('a fault')
    expect(Octets.tooLong(err)).to.equal(false)
  })
})
