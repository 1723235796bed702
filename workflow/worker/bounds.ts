/**
 * At most 5 refusals per sender and hour; the sixth makes one task for the clerk, further ones nothing (design §5 "No loops").
 * Kept in memory: after a restart somebody may get five more answers, which harms nobody.
 */
const PER_HOUR = 5
const HOUR_MS = 3_600_000
// Senders remembered at once; beyond it the oldest is forgotten, so that many forged names cannot fill the memory.
const MAX_SENDERS = 10_000

export class RefusalBounds {
  readonly #sent = new Map<string, number[]>()

  /** What to do with one more refusal for this sender; counts it. */
  next(sender: string, nowMs: number): 'answer' | 'task' | 'silence' {
    const recent = (this.#sent.get(sender) ?? []).filter((at) => at > nowMs - HOUR_MS)
    this.#sent.delete(sender)
    if (recent.length > PER_HOUR) {
      this.#sent.set(sender, recent)
      return 'silence'
    }
    this.#sent.set(sender, [...recent, nowMs])
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MAX_SENDERS && oldest !== undefined) this.#sent.delete(oldest)
    return recent.length < PER_HOUR ? 'answer' : 'task'
  }
}
