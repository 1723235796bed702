/** The client's side of SCRAM-SHA-256, written from RFC 5802 alone, with a wrench for each of its bolts. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

export type Wrench = {
  /** gs2 flag, "n" by default */
  flag?: string
  authorization?: string
  nonce?: string
  /** octets after the gs2 header in c= */
  binding?: Buffer
  /** stretches with this many rounds, whatever the server says */
  rounds?: number
  /** changes the final message before it is sent */
  bend?: (final: string) => string
}

export class ScramClient {
  readonly #password: string
  readonly #wrench: Wrench
  readonly #bare: string
  readonly #header: string
  serverFirst = ''
  #serverSignature = ''

  constructor(name: string, password: string, wrench: Wrench = {}) {
    this.#password = password
    this.#wrench = wrench
    this.#header = `${wrench.flag ?? 'n'},${wrench.authorization ? `a=${wrench.authorization}` : ''},`
    this.#bare = `n=${name.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${wrench.nonce ?? randomBytes(18).toString('base64')}`
  }

  first(): string {
    return this.#header + this.#bare
  }

  final(challenge: Buffer): string {
    this.serverFirst = challenge.toString('utf8')
    const [, nonce, salt, i] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(this.serverFirst)!
    const rounds = this.#wrench.rounds ?? Number(i)
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt!, 'base64'), rounds, 32, 'sha256')
    const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
    const clientKey = mac(salted, 'Client Key')
    const storedKey = createHash('sha256').update(clientKey).digest()
    const binding = Buffer.concat([Buffer.from(this.#header), this.#wrench.binding ?? Buffer.alloc(0)])
    const withoutProof = `c=${binding.toString('base64')},r=${nonce}`
    const message = `${this.#bare},${this.serverFirst},${withoutProof}`
    const signature = mac(storedKey, message)
    const proof = Buffer.from(clientKey.map((octet, at) => octet ^ signature[at]!))
    this.#serverSignature = mac(mac(salted, 'Server Key'), message).toString('base64')
    return (this.#wrench.bend ?? ((final) => final))(`${withoutProof},p=${proof.toString('base64')}`)
  }

  /** Does the server know the password too? */
  trusts(verifier: string): boolean {
    return verifier === `v=${this.#serverSignature}`
  }
}
