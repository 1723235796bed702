/**
 * Words as the tokenizer unicode61 parts them: letters, numbers, private use. A set of them that is asked for every word of every
 * message: a text is looked through without making a string of each word, and the words lie one after the other in one array, which
 * takes a third of the memory of a `Set`.
 */

const PART = 1
const NO_PART = 2
/** What each code unit is, learned at first sight. Halves of characters are looked at in pairs. */
const learned = new Uint8Array(0x1_0000)
const ofWord = /^[\p{L}\p{N}\p{Co}]$/u

function learn(unit: number): number {
  const kind = ofWord.test(String.fromCharCode(unit)) ? PART : NO_PART
  learned[unit] = kind
  return kind
}

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

const SEED = 0x811c9dc5
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0

export class WordSet {
  #units = new Uint16Array(1024)
  /** where each word ends */
  #ends = new Uint32Array(256)
  #size = 0
  /** number of the word + 1; open addressing, at most half full */
  #slots = new Uint32Array(1024)

  get size(): number {
    return this.#size
  }

  add(word: string): void {
    let hash = SEED
    for (let i = 0; i < word.length; i++) hash = mix(hash, word.charCodeAt(i))
    const slot = this.#find(word, 0, word.length, hash)
    if (this.#slots[slot] !== 0) return
    const start = this.#size === 0 ? 0 : this.#ends[this.#size - 1]!
    if (start + word.length > this.#units.length) this.#units = grown(this.#units, start + word.length)
    for (let i = 0; i < word.length; i++) this.#units[start + i] = word.charCodeAt(i)
    if (this.#size === this.#ends.length) this.#ends = grown(this.#ends, this.#size + 1)
    this.#ends[this.#size++] = start + word.length
    this.#slots[slot] = this.#size
    if (this.#size * 2 > this.#slots.length) this.#widen()
  }

  /** Adds to `found` the words of a text that are not in this set. */
  unknownOf(text: string, found: Set<string>): void {
    const length = text.length
    for (let at = 0; at < length; ) {
      const start = at
      let hash = SEED
      for (; at < length; at++) {
        const unit = text.charCodeAt(at)
        const kind = learned[unit]!
        if (kind === PART) hash = mix(hash, unit)
        else if (kind === NO_PART) break
        else if (isHigh(unit) && at + 1 < length && isLow(text.charCodeAt(at + 1))) {
          if (!ofWord.test(text.slice(at, at + 2))) break
          hash = mix(mix(hash, unit), text.charCodeAt(++at))
        } else if (isHigh(unit) || isLow(unit) || learn(unit) === NO_PART) break
        else hash = mix(hash, unit)
      }
      if (at > start && this.#slots[this.#find(text, start, at, hash)] === 0) found.add(text.slice(start, at))
      at++
    }
  }

  /** The slot that has the word, or the free one where it would be. */
  #find(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]!
      if (number === 0 || this.#isAt(number - 1, text, start, end)) return slot
    }
  }

  #isAt(n: number, text: string, start: number, end: number): boolean {
    const from = n === 0 ? 0 : this.#ends[n - 1]!
    if (this.#ends[n]! - from !== end - start) return false
    for (let i = start; i < end; i++) if (this.#units[from + i - start] !== text.charCodeAt(i)) return false
    return true
  }

  #widen(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let n = 0; n < this.#size; n++) {
      let hash = SEED
      for (let i = n === 0 ? 0 : this.#ends[n - 1]!; i < this.#ends[n]!; i++) hash = mix(hash, this.#units[i]!)
      let slot = spread(hash) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = n + 1
    }
  }
}

function grown<T extends Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(array: T, least: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(least, array.length * 2))
  larger.set(array)
  return larger
}
