/**
 * The base subject (RFC 5256 §2.1): what remains without "Re:", "Fwd:", "[list]" and "(fwd)". One walk from both ends that never
 * copies and never looks at the same brackets twice, since a subject may be half a megabyte of them.
 */
export type BaseSubject = {
  base: string
  /** something said that it answers or forwards */
  reply: boolean
}

/** @param subject decoded, one line, white space collapsed (step 1) */
export function baseSubject(subject: string): BaseSubject {
  let from = 0
  let to = subject.length
  let reply = false
  // No "re:" follows the brackets before here: known from an earlier look.
  let hopelessBefore = 0
  for (;;) {
    // step 2: trailers
    for (;;) {
      if (to > from && isSpace(subject.charCodeAt(to - 1))) to--
      else if (to - from >= 5 && subject.slice(to - 5, to).toLowerCase() === '(fwd)') {
        to -= 5
        reply = true
      } else break
    }
    // steps 3 to 5: leaders, and brackets that are not all there is
    for (;;) {
      if (from < to && isSpace(subject.charCodeAt(from))) {
        from++
        continue
      }
      if (from >= hopelessBefore) {
        const blobs = afterBlobs(subject, from, to)
        const after = afterRefwd(subject, blobs, to)
        if (after) {
          from = after
          reply = true
          continue
        }
        hopelessBefore = blobs
      }
      const blob = afterBlob(subject, from, to)
      if (!blob || blob >= to) break
      from = blob
    }
    // step 6: "[fwd: …]"
    if (to - from < 6 || subject[to - 1] !== ']' || subject.slice(from, from + 5).toLowerCase() !== '[fwd:') break
    from += 5
    to--
    reply = true
    hopelessBefore = 0
  }
  return { base: subject.slice(from, to), reply }
}

const isSpace = (c: number) => c === 32 || c === 9

function afterSpaces(s: string, at: number, to: number): number {
  while (at < to && isSpace(s.charCodeAt(at))) at++
  return at
}

/** subj-blob: brackets without brackets inside, and the space behind. @returns 0 when there is none */
function afterBlob(s: string, from: number, to: number): number {
  if (from >= to || s[from] !== '[') return 0
  for (let at = from + 1; at < to; at++) {
    if (s[at] === '[') return 0
    if (s[at] === ']') return afterSpaces(s, at + 1, to)
  }
  return 0
}

function afterBlobs(s: string, from: number, to: number): number {
  for (let next = afterBlob(s, from, to); next; next = afterBlob(s, from, to)) from = next
  return from
}

/** subj-refwd: "re", "fw" or "fwd", perhaps a blob, and a colon. @returns 0 when there is none */
function afterRefwd(s: string, from: number, to: number): number {
  const word = /^(?:re|fwd?)/i.exec(s.slice(from, Math.min(to, from + 3)))?.[0]
  if (!word) return 0
  const at = afterSpaces(s, from + word.length, to)
  const colon = afterBlob(s, at, to) || at
  return colon < to && s[colon] === ':' ? colon + 1 : 0
}
