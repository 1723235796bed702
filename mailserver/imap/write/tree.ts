/**
 * The tree of names that LIST shows: mailboxes, and the levels above them that are none. Patterns are matched
 * without regular expressions: "%" and "*" in any number cost pattern × name, never more (RFC 9051 §6.3.9).
 */
import type { Mailbox } from '#mailserver/store/port.ts'
import { everything, isBelow, type Located, othersRoot, separator, sharedRoot } from '../places.ts'
import type { Session } from '../session.ts'

export type Node = {
  name: string
  located?: Located
  hasChildren: boolean
  subscribed: boolean
  /** a node below matches the selection of RECURSIVEMATCH */
  subscribedBelow: boolean
  specialBelow: boolean
}

/** Nodes between two looks at whether others wait. */
const nodesTogether = 200

export async function tree(session: Session): Promise<Node[]> {
  const nodes = new Map<string, Node>()
  const at = (name: string): Node => {
    let node = nodes.get(name)
    if (!node) {
      node = { name, hasChildren: false, subscribed: false, subscribedBelow: false, specialBelow: false }
      nodes.set(name, node)
    }
    return node
  }
  let seen = 0
  for (const located of everything(session)) {
    if (++seen % nodesTogether === 0) await session.turn()
    const { name, shared } = located.place
    const node = at(name)
    node.located = located
    node.subscribed = shared !== undefined || located.mailbox.subscribed
    for (let end = name.lastIndexOf(separator); end > 0; end = name.lastIndexOf(separator, end - 1)) {
      const parent = at(name.slice(0, end))
      parent.hasChildren = true
      parent.subscribedBelow ||= node.subscribed
      parent.specialBelow ||= located.mailbox.specialUse !== undefined && shared === undefined
    }
  }
  await session.turn()
  return inOrder([...nodes.values()])
}

/** INBOX first, then our own by name, then those of offices, then other persons'. */
function inOrder(nodes: readonly Node[]): Node[] {
  const rank = (name: string) =>
    name === 'INBOX' ? 0 : isBelow(name, sharedRoot) ? 2 : isBelow(name, othersRoot) ? 3 : 1
  return nodes
    .map((node) => ({ node, rank: rank(node.name) }))
    .sort((a, b) => a.rank - b.rank || (a.node.name < b.node.name ? -1 : 1))
    .map(({ node }) => node)
}

/** Special uses are told for one's own folders only: a client would put its drafts into the office's. */
export const specialUse = (node: Node): Mailbox['specialUse'] =>
  node.located?.place.shared === undefined ? node.located?.mailbox.specialUse : undefined

/** "%" is anything but the separator, "*" anything. INBOX is compared without case. */
export function matches(pattern: string, name: string): boolean {
  if (/^inbox$/i.test(pattern)) return name === 'INBOX'
  // States: which positions of the pattern are reachable after each character of the name.
  let here = new Uint8Array(pattern.length + 1)
  let next = new Uint8Array(pattern.length + 1)
  here[0] = 1
  const open = (states: Uint8Array) => {
    for (let p = 0; p < pattern.length; p++)
      if (states[p] && (pattern[p] === '%' || pattern[p] === '*')) states[p + 1] = 1
  }
  open(here)
  // INBOX is one name however it is spelled (RFC 9051 §5.1), and the first level of those below it.
  const folded = name === 'INBOX' || name.startsWith(`INBOX${separator}`) ? 'INBOX'.length : 0
  for (let at = 0; at < name.length; at++) {
    const c = name[at]!
    let alive = false
    next.fill(0)
    for (let p = 0; p < pattern.length; p++) {
      if (!here[p]) continue
      const wanted = pattern[p]
      if (wanted === '*' || (wanted === '%' && c !== separator)) next[p] = 1
      else if (wanted === c || (at < folded && wanted?.toUpperCase() === c)) next[p + 1] = 1
      else continue
      alive = true
    }
    if (!alive) return false
    open(next)
    ;[here, next] = [next, here]
  }
  return here[pattern.length] === 1
}
