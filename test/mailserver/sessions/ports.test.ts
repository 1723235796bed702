import { Server } from 'node:net'
import { expect } from 'chai'
import { type Fixture, startFixture } from '#test/mailserver/imap/fixture.ts'

describe('sessions: free ports', () => {
  it('are held from the moment in which they are found: whoever else found them would share them', async () => {
    const released: number[] = []
    const { close } = Server.prototype
    Server.prototype.close = function (this: Server, ...given) {
      const address = this.address()
      if (typeof address === 'object' && address) released.push(address.port)
      return close.apply(this, given)
    }
    let f: Fixture
    try {
      f = await startFixture({ threads: 3 })
    } finally {
      Server.prototype.close = close
    }
    await using _ = f
    const ports = Object.values(f.imap.ports)
    expect(new Set(ports).size).to.equal(5)
    expect(ports).to.not.include(0)
    expect(released.filter((port) => ports.includes(port))).to.deep.equal([])
    await f.connect()
  })
})
