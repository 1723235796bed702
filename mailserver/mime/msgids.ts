/** Message-IDs in References and In-Reply-To (RFC 5322 §3.6.4), in the form in which RFC 5256 §3 compares them. */
import { MAX_REFERENCES } from '#mailserver/mime/limits.ts'

/** What stands in angle brackets and has an "@" inside, in order; beyond the limit the first and the last ones. */
export function readMessageIds(value: string | undefined): string[] {
  if (value === undefined) return []
  const all: string[] = []
  for (const m of value.matchAll(/<([^<>]{1,998})>/g)) {
    const id = normalized(m[1]!)
    if (id) all.push(id)
  }
  return all.length <= MAX_REFERENCES ? all : [all[0]!, ...all.slice(1 - MAX_REFERENCES)]
}

/** Without white space, and without quotes that the local part does not need. */
function normalized(text: string): string | undefined {
  const id = text.replaceAll(/[ \t\r\n]+/g, '')
  const at = id.lastIndexOf('@')
  if (at <= 0 || at === id.length - 1) return undefined
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(id.slice(0, at))
  return quoted ? `${quoted[1]!.replaceAll(/\\(.)/g, '$1')}${id.slice(at)}` : id
}

/** RFC 5256 §3, REFERENCES step 1: In-Reply-To counts only without References, and only its first one. */
export function referencesOf(references: string | undefined, inReplyTo: string | undefined): string[] {
  const ids = readMessageIds(references)
  return ids.length > 0 ? ids : readMessageIds(inReplyTo).slice(0, 1)
}
