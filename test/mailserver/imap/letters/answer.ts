/** The answer to a FETCH as a value, so that servers may write the same thing as quoted string or literal, in any case. */
export type Value = null | string | Value[]

/** @param answer latin1, from "* n FETCH (" on. Strings begin with "=", atoms and numbers do not; NIL is null */
export function readFetched(answer: string): Value[] {
  let at = answer.indexOf('(')
  const value = (): Value => {
    const c = answer[at]
    if (c === '(') {
      at++
      const list: Value[] = []
      while (answer[at] !== ')') {
        if (at >= answer.length) throw new Error(`the answer ends in a list: ${answer.slice(-200)}`)
        if (answer[at] === ' ') at++
        else list.push(value())
      }
      at++
      return list
    }
    if (c === '"') {
      let text = ''
      for (at++; answer[at] !== '"'; at++) text += answer[at] === '\\' ? answer[++at] : answer[at]
      at++
      return `=${text}`
    }
    const literal = /^~?\{(\d+)\}\r\n/.exec(answer.slice(at, at + 30))
    if (literal) {
      const from = at + literal[0].length
      at = from + Number(literal[1])
      return `=${answer.slice(from, at)}`
    }
    // an item's name may have brackets with a list in them
    const atom = /^[^ ()"[{]+(?:\[[^\]]*\](?:<\d+>)?)?/.exec(answer.slice(at, at + 2_000))?.[0]
    if (!atom) throw new Error(`cannot read ${JSON.stringify(answer.slice(at, at + 100))}`)
    at += atom.length
    return /^NIL$/i.test(atom) ? null : atom.toUpperCase()
  }
  return value() as Value[]
}
