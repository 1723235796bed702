/** mailto: URIs (RFC 6068), as far as a notification needs them (RFC 5436 §2). Pure. */
import { plainAddress } from './addresses.ts'

export type Mailto = {
  to: string[]
  cc: string[]
  bcc: string[]
  subject?: string
  body?: string
}

/** A link that a person can read; each address in it costs a message. */
const MAX_URI = 2_000

/** Fields that are not listed here are left out, so that nobody's URI chooses our header. @returns undefined when it is none */
export function readMailto(uri: string): Mailto | undefined {
  const match = /^mailto:([^?#]*)(?:\?([^#]*))?$/i.exec(uri)
  if (!match || uri.length > MAX_URI) return undefined
  const found: Mailto = { to: [], cc: [], bcc: [] }
  const add = (into: 'to' | 'cc' | 'bcc', list: string): boolean => {
    for (const one of list.split(',').filter((each) => each !== '')) {
      const address = plainAddress(decoded(one) ?? '')
      if (address === undefined) return false
      found[into].push(address)
    }
    return true
  }
  if (!add('to', match[1]!)) return undefined
  for (const pair of (match[2] ?? '').split('&').filter((each) => each !== '')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? undefined : decoded(pair.slice(0, equals))?.toLowerCase()
    const written = pair.slice(equals + 1)
    const value = decoded(written)
    if (name === undefined || value === undefined) return undefined
    if (name === 'subject' || name === 'body') found[name] ??= value
    else if ((name === 'to' || name === 'cc' || name === 'bcc') && !add(name, written)) return undefined
  }
  return found
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
