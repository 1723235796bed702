/**
 * Where a message ends in DATA (RFC 5321 §4.1.1.4), and which of its octets are dots that the sender added (§4.5.2), for every listener
 * of ours. smtp-server looks at each octet; here line feeds and dots are looked for, and chunks stay as the socket gave them.
 */

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e

export class DataEnd {
  readonly #bareLineFeeds: 'kept' | 'refused'
  /** what the next octet stands behind */
  #behind: 'crlf' | 'lf' | 'other' = 'crlf'
  #lastCr = false
  /** a dot at the beginning of a line, and its CR, of which is not known yet what they are */
  #held: Buffer | undefined

  /**
   * @param bareLineFeeds a line feed without its carriage return (§2.3.8): one server takes it for the end of a line and another does
   *   not, which is how mail is smuggled past the one that has checked it. From strangers it is refused; within, it is content. The
   *   message ends at CRLF . CRLF alone in any case.
   */
  constructor(bareLineFeeds: 'kept' | 'refused') {
    this.#bareLineFeeds = bareLineFeeds
  }

  /**
   * @param take is given the parts of the chunk that belong to the message
   * @returns `rest`: the message has ended, and this is behind it
   */
  feed(given: Buffer, take: (octets: Buffer) => void): 'more' | 'bareLineFeed' | { rest: Buffer } {
    const chunk = this.#held ? Buffer.concat([this.#held, given]) : given
    this.#held = undefined
    let from = 0 // the first octet that is not taken yet
    const upTo = (to: number): void => {
      if (to > from) take(chunk.subarray(from, to))
      from = to
    }
    let at = 0
    let behind = this.#behind
    while (at < chunk.length) {
      if (behind !== 'other' && chunk[at] === DOT) {
        const next = chunk[at + 1]
        const ends = behind === 'crlf' && next === CR
        if (next === undefined || (ends && at + 2 === chunk.length)) break
        if (ends && chunk[at + 2] === LF) {
          upTo(at)
          return { rest: chunk.subarray(at + 3) }
        }
        // behind a line feed by itself only who doubles dots there has meant one
        if (behind === 'crlf' || next === DOT) {
          upTo(at)
          from = at + 1
        }
        at++
      }
      const lf = chunk.indexOf(LF, at)
      if (lf < 0) {
        behind = 'other'
        at = chunk.length
      } else {
        behind = (lf === 0 ? this.#lastCr : chunk[lf - 1] === CR) ? 'crlf' : 'lf'
        if (behind === 'lf' && this.#bareLineFeeds === 'refused') return 'bareLineFeed'
        at = lf + 1
      }
    }
    upTo(at)
    if (at < chunk.length) this.#held = chunk.subarray(at)
    this.#behind = behind
    this.#lastCr = chunk[chunk.length - 1] === CR
    return 'more'
  }
}
