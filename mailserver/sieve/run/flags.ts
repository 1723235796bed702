/** Flags as scripts write them: strings with one flag or several (RFC 5232 §2). */
const system = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft']

/** @returns each once, without what no mailbox can keep */
export function flagsOf(written: readonly string[]): string[] {
  const found = new Map<string, string>()
  for (const text of written)
    for (const word of text.split(/[ \t\r\n]+/)) {
      const flag = system.find((s) => s.toLowerCase() === word.toLowerCase()) ?? word
      if (!system.includes(flag) && !/^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,100}$/.test(flag)) continue
      if (!found.has(flag.toLowerCase())) found.set(flag.toLowerCase(), flag)
      if (found.size >= MAX_FLAGS) return [...found.values()]
    }
  return [...found.values()]
}

/** The store takes 100 keywords on a message. */
const MAX_FLAGS = 50
