/** Step 1 of THREAD=REFERENCES (RFC 5256 §3): who answers whom. Parents only; no walk is longer than what one thread may cost. */
import type { ThreadRow } from '#mailserver/store/port.ts'
import { maxLoopSteps, maxThreadIds, sortStep } from '../limits.ts'
import { keysOf, type ThreadNode } from './node.ts'

export type Linked = ThreadNode & {
  parent?: Linked | undefined
  /** way to the representative of a set that holds everything ever linked with this: in two sets means no loop */
  joined: Linked
}

/** @param rows in the order of the mailbox @returns every node, dummies among them; children are not filled in */
export async function linkByReferences(rows: readonly ThreadRow[], turn: () => Promise<void>): Promise<Linked[]> {
  const links = new Links()
  let n = 0
  for (const row of rows) {
    links.add(row)
    if (++n % sortStep === 0) await turn()
  }
  return links.nodes
}

class Links {
  readonly nodes: Linked[] = []
  readonly #byKey = new Map<string, Linked>()
  #steps = 0

  add(row: ThreadRow): void {
    const node = this.#nodeOf(row)
    let last: Linked | undefined
    for (const key of this.#referencesOf(row)) {
      const named = this.#named(key)
      // 1.A: what is linked stays so
      if (last && !named.parent && !this.#closesLoop(named, last)) this.#link(named, last)
      last = named
    }
    // 1.B: its own References know best
    if (node.parent === last) return
    node.parent = undefined
    if (last && !this.#closesLoop(node, last)) this.#link(node, last)
  }

  #referencesOf({ referenceKeys }: ThreadRow): Iterable<string> {
    const keys = keysOf(referenceKeys)
    return this.#byKey.size < maxThreadIds ? keys : [...keys].slice(-1)
  }

  /** A message without a Message-ID, or with one that another has, is a node that nobody can name. */
  #nodeOf(row: ThreadRow): Linked {
    const known = this.#byKey.get(row.messageKey)
    if (!known || known.row) {
      const node = this.#make(known || row.messageKey === '' ? undefined : row.messageKey)
      node.row = row
      return node
    }
    known.row = row
    return known
  }

  #named(key: string): Linked {
    return this.#byKey.get(key) ?? this.#make(key)
  }

  #make(key: string | undefined): Linked {
    const node = { children: [] } as unknown as Linked
    node.joined = node
    this.nodes.push(node)
    if (key !== undefined) this.#byKey.set(key, node)
    return node
  }

  #link(child: Linked, parent: Linked): void {
    child.parent = parent
    representative(child).joined = representative(parent)
  }

  #closesLoop(child: Linked, parent: Linked): boolean {
    if (child === parent) return true
    if (representative(child) !== representative(parent)) return false
    for (let above: Linked | undefined = parent; above; above = above.parent) {
      if (above === child || ++this.#steps > maxLoopSteps) return true
    }
    return false
  }
}

function representative(node: Linked): Linked {
  while (node.joined !== node) {
    node.joined = node.joined.joined
    node = node.joined
  }
  return node
}
