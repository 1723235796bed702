/** A POP3 client that sends lines, on the fixture of the session threads. */
import { connect as connectPlain } from 'node:net'
import { expect } from 'chai'
import { Client, type Fixture, password } from '../imap/fixture.ts'

export { an, type Fixture, ha, mail, office, password, register, startFixture } from '../imap/fixture.ts'

export class PopClient extends Client {
  /** @returns the one line of the answer, without CRLF, as text */
  async line(command: string | Buffer): Promise<string> {
    this.write(Buffer.concat([Buffer.from(command), Buffer.from('\r\n')]))
    return Buffer.from(await this.until('\r\n'), 'latin1')
      .toString()
      .slice(0, -2)
  }

  async good(command: string | Buffer): Promise<string> {
    const answer = await this.line(command)
    expect(answer, String(command)).to.match(/^\+OK/)
    return answer
  }

  /** @returns the lines after the first and before the dot, still stuffed, each with CRLF */
  async many(command: string): Promise<string> {
    await this.good(command)
    if (this.received.startsWith('.\r\n')) return (await this.until('.\r\n')).slice(0, -3)
    return (await this.until('\r\n.\r\n')).slice(0, -3)
  }

  /** Octets of a message as they were before dot-stuffing, as latin1. */
  async message(command: string): Promise<string> {
    return (await this.many(command)).replaceAll(/(?<![^\n])\.\./g, '.')
  }
}

/** Signed in as a program that reads UTF-8 (RFC 6856); without an address only connected. The caller destroys it. */
export async function pop(f: Fixture, address?: string, secret = password): Promise<PopClient> {
  const client = new PopClient(connectPlain(f.imap.ports.pop3, '127.0.0.1'))
  expect(await client.until('\r\n')).to.match(/^\+OK /)
  if (address === undefined) return client
  await client.good('UTF8')
  await client.good(`USER ${address}`)
  await client.good(`PASS ${secret}`)
  return client
}
