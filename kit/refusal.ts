/**
 * What went wrong on the sender's side. `advice` is Vietnamese, for the person; `why` (the message) is
 * English, for the log. Any other error is ours, and is logged loudly with its cause.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  /** HTTP status; SMTP servers map 4xx/5xx of their own. */
  readonly status: number
  /** One Vietnamese sentence: what is wrong and what to do next. */
  readonly advice: string
  /** Mistakes by field name, Vietnamese, shown next to the field. */
  readonly fields: Readonly<Record<string, string>>
  constructor(
    status: number,
    advice: string,
    why: string,
    { cause, fields = {} }: { cause?: unknown; fields?: Record<string, string> } = {},
  ) {
    super(why, { cause })
    this.status = status
    this.advice = advice
    this.fields = fields
  }
}
