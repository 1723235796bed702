/**
 * Memory for hand-overs: a message is held as it came, with our fields above it, and as the body of a call: some three times its size. A hundred senders
 * with 50 MB each would take 15 GB; here they wait for one another, and who waits too long tries again later.
 */
const ROOM_OCTETS = 192 * 1024 * 1024
const COPIES = 3
/** RFC 5321 §4.5.3.2.6: a sender waits ten minutes for the answer; the scanner and the hand-over may take half of them. */
const PATIENCE_MS = 60_000

export class Room {
  #free: number
  readonly #whole: number
  readonly #patienceMs: number
  readonly #waiting: { need: number; enter: () => void }[] = []

  constructor({ octets = ROOM_OCTETS, patienceMs = PATIENCE_MS } = {}) {
    this.#free = octets
    this.#whole = octets
    this.#patienceMs = patienceMs
  }

  /** In the order of coming. @throws Error when there is no room in time: the caller answers "later" */
  async enter(octets: number): Promise<Disposable> {
    const need = Math.min(octets * COPIES, this.#whole) // the largest message fits alone
    if (this.#waiting.length > 0 || need > this.#free) await this.#turn(need)
    else this.#free -= need
    return {
      [Symbol.dispose]: () => {
        this.#free += need
        while (this.#waiting[0] && this.#waiting[0].need <= this.#free) this.#waiting.shift()!.enter()
      },
    }
  }

  #turn(need: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = {
        need,
        enter: () => {
          clearTimeout(timer)
          this.#free -= need
          resolve()
        },
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1)
        reject(new Error(`no room for ${need} octets within ${this.#patienceMs} ms`))
      }, this.#patienceMs)
      this.#waiting.push(one)
    })
  }
}
