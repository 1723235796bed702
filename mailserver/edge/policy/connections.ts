/** Large senders open some twenty connections at once; a broken or hostile one opens as many as it is given. */
const PER_ADDRESS = 50
/** Each costs some 17 KB, and 70 under TLS; what letters in them take is bounded elsewhere (`smtp/letter.ts`). */
const IN_ALL = 800

/** Counts open connections by client address. */
export class Connections {
  readonly #open = new Map<string, number>()
  readonly #perAddress: number
  readonly #inAll: number
  #all = 0

  constructor({ perAddress = PER_ADDRESS, inAll = IN_ALL } = {}) {
    this.#perAddress = perAddress
    this.#inAll = inAll
  }

  /** Counts one more, whether it may stay or not; `leave` follows in both cases. */
  enter(ip: string): boolean {
    const n = (this.#open.get(ip) ?? 0) + 1
    this.#open.set(ip, n)
    this.#all++
    return n <= this.#perAddress && this.#all <= this.#inAll
  }

  leave(ip: string): void {
    const n = this.#open.get(ip)
    if (n === undefined) return
    this.#all--
    if (n === 1) this.#open.delete(ip)
    else this.#open.set(ip, n - 1)
  }
}
