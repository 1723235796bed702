import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { SPOOL_AFTER } from '#mailserver/edge/policy/spool.ts'
import { Letter } from '#mailserver/edge/smtp/letter.ts'

describe('a letter on its way in', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'congso-letter-'))
  })
  afterEach(() => {
    expect(readdirSync(folder), 'left behind').to.deep.equal([])
    rmSync(folder, { recursive: true, force: true })
  })

  const most = 4 * SPOOL_AFTER
  const read = async (letter: Letter, from = 0) => Buffer.concat(await letter.rest(from))
  async function give(letter: Letter, octets: Buffer, piece: number): Promise<void> {
    for (let at = 0; at < octets.length; at += piece) await letter.take(octets.subarray(at, at + piece))
  }

  for (const [size, files] of [
    [0, 0],
    [1, 0],
    [SPOOL_AFTER, 0],
    [SPOOL_AFTER + 1, 1],
    [3 * SPOOL_AFTER + 17, 1],
  ] as const)
    for (const piece of [97, 5_000, 65_536])
      it(`of ${size} octets in pieces of ${piece} is read as it came, through ${files} file`, async () => {
        const octets = randomBytes(size)
        await using letter = new Letter({ folder, most })
        await give(letter, octets, piece)
        expect(letter.size).to.equal(size)
        expect(readdirSync(folder)).to.have.length(files)
        expect((await read(letter)).equals(octets)).to.equal(true)
        expect((await read(letter, 13)).equals(octets.subarray(13))).to.equal(true)
        expect((await letter.top(20)).equals(octets.subarray(0, 20))).to.equal(true)
        expect((await read(letter)).equals(octets)).to.equal(true)
        const parts: Buffer[] = []
        for await (const part of letter.pieces(7)) parts.push(part)
        expect(Buffer.concat(parts).equals(octets.subarray(7))).to.equal(true)
      })

  it('shows its top without being copied when an empty line is in the first piece', async () => {
    const octets = Buffer.from(`A: b\r\n\r\n${'x'.repeat(10_000)}`)
    await using letter = new Letter({ folder, most })
    await letter.take(octets)
    await letter.take(octets)
    expect((await letter.top(100_000)).buffer).to.equal(octets.buffer)
    expect(await letter.top(100)).to.have.length(100)
    expect(await read(letter)).to.have.length(2 * octets.length)
  })

  for (const size of [1_000, 2 * SPOOL_AFTER])
    it(`of ${size} octets cannot be read once it was dropped, or while it is`, async () => {
      for (const waits of [false, true]) {
        const letter = new Letter({ folder, most })
        await give(letter, randomBytes(size), 65_536)
        const dropped = letter[Symbol.asyncDispose]()
        if (waits) await dropped
        for (const read of [letter.top(100), letter.rest(0)])
          expect(await read.catch((err: Error) => err.message)).to.equal('the letter was dropped')
        await dropped
      }
    })

  it('that is too large is counted, and nothing of it is kept', async () => {
    await using letter = new Letter({ folder, most: 1_000 })
    await give(letter, randomBytes(5_000), 100)
    expect(letter).to.include({ size: 5_000, tooLarge: true })
    expect(await read(letter)).to.have.length(0)
  })

  it('that the disk does not take says so, and does not fail before it is read', async () => {
    await using letter = new Letter({ folder: join(folder, 'not there'), most })
    await give(letter, randomBytes(2 * SPOOL_AFTER), 65_536)
    expect((letter.trouble as NodeJS.ErrnoException).code).to.equal('ENOENT')
    expect(await letter.rest(0).catch((err: NodeJS.ErrnoException) => err.code)).to.equal('ENOENT')
  })

  it('goes to the disk earlier when many are under way', async () => {
    await using many = new AsyncDisposableStack()
    const octets = randomBytes(1_000_000)
    for (let n = 0; n < 110; n++) {
      const letter = many.use(new Letter({ folder, most }))
      await give(letter, octets, 65_536)
      if (n === 109) expect((await read(letter)).equals(octets)).to.equal(true)
    }
    expect(readdirSync(folder).length).to.be.within(5, 40)
  })
})
