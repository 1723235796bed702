/** THREAD=REFERENCES (RFC 5256 §3), step by step as it stands there. Nothing recurs: a thread may be a hundred thousand deep. */
import type { ThreadRow } from '#mailserver/store/port.ts'
import { sortStep } from '../limits.ts'
import { sortInTurns } from '../order.ts'
import { type Linked, linkByReferences } from './links.ts'
import { bySent, leading, type ThreadNode } from './node.ts'

type Turn = () => Promise<void>

/** @param rows in the order of the mailbox @returns the threads in order, each with its siblings sorted */
export async function threadByReferences(rows: readonly ThreadRow[], turn: Turn): Promise<ThreadNode[]> {
  const roots = await prune(await fromTheTop(await linkByReferences(rows, turn), turn), turn)
  const sorted = await bySentDate(roots, turn)
  return sortAll(await joinSubjects(sorted, turn), turn)
}

/**
 * THREAD=REFS (draft-ietf-morg-inthread): the same without step 5, so that two letters "Báo cáo" stay two threads, and the thread with the
 * latest message last, by the date sent, as Dovecot orders them. Roundcube prefers it to REFERENCES.
 */
export async function threadByRefs(rows: readonly ThreadRow[], turn: Turn): Promise<ThreadNode[]> {
  const roots = await sortAll(await prune(await fromTheTop(await linkByReferences(rows, turn), turn), turn), turn)
  const latest: { node: ThreadNode; row: ThreadRow }[] = []
  let n = 0
  for (const node of roots) {
    let last = leading(node)
    const open = [node]
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.row && bySent(next.row, last) > 0) last = next.row
      for (const child of next.children) open.push(child)
      if (++n % sortStep === 0) await turn()
    }
    latest.push({ node, row: last })
  }
  return (await sortInTurns(latest, (a, b) => bySent(a.row, b.row), turn)).map(({ node }) => node)
}

/** Step 2, with children filled in. @returns all nodes, each above its children, roots first */
async function fromTheTop(nodes: readonly Linked[], turn: Turn): Promise<{ all: Linked[]; roots: number }> {
  const all: Linked[] = []
  for (const node of nodes) {
    if (node.parent) node.parent.children.push(node)
    else all.push(node)
  }
  const roots = all.length
  for (let at = 0; at < all.length; at++) {
    for (const child of all[at]!.children) all.push(child as Linked)
    if (at % sortStep === 0) await turn()
  }
  return { all, roots }
}

/** Step 3: dummies go, and their children take their place; directly under the root only a single one does. */
async function prune({ all, roots }: { all: Linked[]; roots: number }, turn: Turn): Promise<ThreadNode[]> {
  for (let at = all.length - 1; at >= 0; at--) {
    const node = all[at]!
    node.children = withoutDummies(node.children)
    if (at % sortStep === 0) await turn()
  }
  const kept: ThreadNode[] = []
  for (const root of all.slice(0, roots)) {
    if (root.row || root.children.length > 1) kept.push(root)
    else for (const child of root.children) kept.push(child)
  }
  return kept
}

function withoutDummies(children: ThreadNode[]): ThreadNode[] {
  if (children.length === 1) return children[0]!.row ? children : children[0]!.children
  const kept: ThreadNode[] = []
  for (const child of children) {
    if (child.row) kept.push(child)
    else for (const grandchild of child.children) kept.push(grandchild)
  }
  return kept
}

/** Step 4, and each half of step 6. */
async function bySentDate(siblings: readonly ThreadNode[], turn: Turn): Promise<ThreadNode[]> {
  const ranked = siblings.map((node) => ({ node, row: leading(node) }))
  return (await sortInTurns(ranked, (a, b) => bySent(a.row, b.row), turn)).map((each) => each.node)
}

/** Step 5: threads of one base subject become one. */
async function joinSubjects(roots: readonly ThreadNode[], turn: Turn): Promise<ThreadNode[]> {
  const bySubject = new Map<string, ThreadNode>()
  for (const root of roots) {
    const { subject } = leading(root)
    if (subject === '') continue
    const known = bySubject.get(subject)
    if (!known || (known.row && (!root.row || (known.row.reply && !root.row.reply)))) bySubject.set(subject, root)
  }
  /** what now stands at a root's place; undefined: it lies below another */
  const place = new Map<ThreadNode, ThreadNode | undefined>()
  const chosen = new Map(bySubject)
  let n = 0
  for (const root of roots) {
    if (++n % sortStep === 0) await turn()
    const { subject } = leading(root)
    const known = subject === '' ? root : bySubject.get(subject)!
    if (known === root) continue
    if (chosen.get(subject) === root) continue // it is under the dummy already
    place.set(root, undefined)
    if (!known.row && !root.row) for (const child of root.children) known.children.push(child)
    else if (!known.row || (root.row?.reply && !known.row.reply)) known.children.push(root)
    else {
      const dummy: ThreadNode = { children: [known, root] }
      place.set(known, dummy)
      bySubject.set(subject, dummy)
    }
  }
  return roots.map((root) => (place.has(root) ? place.get(root) : root)).filter((node) => node !== undefined)
}

/** Step 6. */
async function sortAll(roots: readonly ThreadNode[], turn: Turn): Promise<ThreadNode[]> {
  const open = [...roots]
  let n = 0
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.children.length > 1) node.children = await bySentDate(node.children, turn)
    for (const child of node.children) open.push(child)
    if (++n % sortStep === 0) await turn()
  }
  return bySentDate(roots, turn)
}
