/**
 * The body of a call: its input as JSON, and behind it the octets that the input holds, as they are. Where octets stood in the
 * input the JSON says `{"octets": n}`, n counting from 0 in the order in which they follow. The header field `X-Octets` gives their
 * lengths, separated by commas; without octets it is absent and the body is plain JSON. (Base64 inside JSON cost the edge more CPU
 * than the whole of SMTP.)
 */
export const octetsHeader = 'x-octets'

/** Messages of one call: an entry and its notices, with room. */
const maxParts = 1_000

/** @returns pieces to be sent one after the other, and the value of `X-Octets` when there are octets */
export function writeBody(input: unknown): { pieces: readonly Uint8Array[]; octets?: string } {
  const parts: Uint8Array[] = []
  const walk = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return { octets: parts.push(value) - 1 }
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, walk(v)]))
  }
  const json = Buffer.from(JSON.stringify(walk(input ?? {})))
  return parts.length === 0
    ? { pieces: [json] }
    : { pieces: [json, ...parts], octets: parts.map((p) => p.length).join(',') }
}

/**
 * @param octets value of the header field, if there is one
 * @returns the input as it was given; octets are views on `body`
 * @throws SyntaxError when the body is not what the header says, not JSON, or names octets that are not there
 */
export function readBody(body: Buffer, octets: string | undefined): unknown {
  if (octets === undefined) return JSON.parse(body.toString('utf8'))
  if (!/^\d{1,12}(,\d{1,12})*$/.test(octets)) throw new SyntaxError(`${octetsHeader} is not a list of lengths`)
  const lengths = octets.split(',').map(Number)
  const jsonLength = body.length - lengths.reduce((sum, n) => sum + n, 0)
  if (jsonLength < 0 || lengths.length > maxParts) throw new SyntaxError('the body is shorter than its octets')
  const parts: Buffer[] = []
  for (let at = jsonLength; parts.length < lengths.length; at += lengths[parts.length - 1]!)
    parts.push(body.subarray(at, at + lengths[parts.length]!))
  return JSON.parse(body.toString('utf8', 0, jsonLength), (_name, value: unknown) => {
    const n = typeof value === 'object' && value !== null && 'octets' in value ? value.octets : undefined
    if (typeof n !== 'number') return value
    const part = parts[n]
    if (!part) throw new SyntaxError(`there are no octets ${n}`)
    return part
  })
}
