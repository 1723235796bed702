import { tmpdir } from 'node:os'
import { expect } from 'chai'
import type { JobName } from '#mailserver/store/port.ts'
import { Room } from '#mailserver/store/sqlite/room.ts'

const MB = 2 ** 20

describe('store: room on the disk', () => {
  const room = (freeMb: number, diskMb: number) =>
    new Room(tmpdir(), () => ({ bavail: freeMb * 256, bsize: MB / 256, blocks: diskMb * 256 }))
  const table: [free: number, disk: number, job: JobName, refused: boolean][] = [
    [300, 100_000, 'deliver', false],
    [200, 100_000, 'deliver', true],
    [200, 100_000, 'append', true],
    [200, 100_000, 'appendAll', true],
    [200, 100_000, 'submit', true],
    [200, 100_000, 'filesRead', true],
    [200, 100_000, 'expunge', false],
    [1, 100_000, 'ledgerCommit', false],
    [1, 100_000, 'storeFlags', false],
    [30, 120, 'deliver', false],
    [20, 120, 'deliver', true],
  ]
  for (const [free, disk, job, refused] of table)
    it(`${refused ? 'refuses' : 'takes'} ${job} with ${free} MB free of ${disk}`, () => {
      expect(room(free, disk).refuses(job)).to.equal(refused)
    })

  it('asks the file system itself', () => {
    expect(new Room(tmpdir()).refuses('expunge')).to.equal(false)
    expect(new Room(tmpdir()).refuses('deliver')).to.be.a('boolean')
  })
})
