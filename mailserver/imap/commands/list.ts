/** LIST (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440) and LSUB (RFC 3501 §6.3.9). */
import { maxMailboxName } from '../limits.ts'
import { type ListArguments, readList } from '../parse/list.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { readName } from '../places.ts'
import { ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { mailboxName } from '../write/text.ts'
import { matches, type Node, specialUse, tree } from '../write/tree.ts'
import { myRightsLine } from './acl.ts'
import { command } from './command.ts'
import { writeMetadata } from './metadata.ts'
import { statusLine } from './status.ts'

/** A pattern costs its length for each character of each name. */
const maxPattern = maxMailboxName * 2
/** Characters of all patterns of one command. Programs ask for a handful of folders by name. */
const maxPatterns = 2 * maxPattern

export const list = command({
  name: 'LIST',
  when: 'signed-in',
  read: readList,
  async run(session, asked) {
    const { out } = session
    // RFC 3501 §6.3.8: an empty pattern asks for the separator and the root
    if (!asked.extended && asked.patterns[0]!.length === 0) {
      out.line('* LIST (\\Noselect) "/" ""')
      return ok('LIST completed')
    }
    const patterns = readPatterns(session, asked)
    for (const node of await tree(session)) {
      await session.turn()
      if (!patterns.some((pattern) => matches(pattern, node.name))) continue
      const line = select(node, asked)
      if (!line) continue
      out.line(
        `* LIST (${line.attributes.join(' ')}) "/" ${mailboxName(node.name, session.utf8)}${line.childInfo ? ` (CHILDINFO (${line.childInfo}))` : ''}`,
      )
      if (asked.returns.myRights && node.located) out.line(myRightsLine(session, node.located.place))
      if (asked.returns.status && node.located?.place.rights.includes('r'))
        out.line(await statusLine(session, node.located, asked.returns.status))
      if (asked.returns.metadata && node.located?.place.rights.includes('r'))
        await writeMetadata(session, node.located, asked.returns.metadata)
      await out.drained()
    }
    return ok('LIST completed')
  },
})

function readPatterns(
  session: Session,
  { reference, patterns }: Pick<ListArguments, 'reference' | 'patterns'>,
): string[] {
  let together = 0
  return patterns.map((octets) => {
    const pattern = readName(session, Buffer.concat([reference, octets]))
    if (pattern.length > maxPattern) throw new BadSyntax('a pattern is too long')
    together += pattern.length
    if (together > maxPatterns) throw new BadSyntax('the patterns are too long together')
    return pattern.replace(/[*%]*\*[*%]*/g, '*').replace(/^inbox(?=\/)/i, 'INBOX')
  })
}

/** Attributes of a name that the selection takes, or undefined. */
function select(
  node: Node,
  { select, returns }: ListArguments,
): { attributes: string[]; childInfo?: string } | undefined {
  const use = specialUse(node)
  const wanted = (!select.has('SUBSCRIBED') || node.subscribed) && (!select.has('SPECIAL-USE') || use !== undefined)
  const below: string[] = []
  if (select.has('RECURSIVEMATCH')) {
    if (select.has('SUBSCRIBED') && node.subscribedBelow) below.push('"SUBSCRIBED"')
    if (select.has('SPECIAL-USE') && node.specialBelow) below.push('"SPECIAL-USE"')
  }
  if (!wanted && below.length === 0) return undefined
  const attributes: string[] = []
  if (!node.located)
    attributes.push(...(select.size || returns.subscribed ? ['\\NonExistent'] : ['\\NonExistent', '\\Noselect']))
  attributes.push(node.hasChildren ? '\\HasChildren' : '\\HasNoChildren')
  if ((select.has('SUBSCRIBED') || returns.subscribed) && node.subscribed) attributes.push('\\Subscribed')
  if (use) attributes.push(use)
  return { attributes, ...(below.length ? { childInfo: below.join(' ') } : {}) }
}

export const lsub = command({
  name: 'LSUB',
  when: 'signed-in',
  read(args: Scanner): ListArguments {
    const asked = readList(args)
    if (asked.extended) throw new BadSyntax('LSUB takes a reference and a pattern')
    return asked
  },
  async run(session, asked) {
    const patterns = readPatterns(session, asked)
    for (const node of await tree(session)) {
      await session.turn()
      if (!matches(patterns[0]!, node.name)) continue
      // RFC 3501 §6.3.9: a name that is not subscribed but has subscribed ones below is shown for "%"
      if (node.subscribed)
        session.out.line(
          `* LSUB (${node.hasChildren ? '\\HasChildren' : '\\HasNoChildren'}) "/" ${mailboxName(node.name, session.utf8)}`,
        )
      else if (node.subscribedBelow && patterns[0]!.endsWith('%'))
        session.out.line(`* LSUB (\\Noselect) "/" ${mailboxName(node.name, session.utf8)}`)
    }
    return ok('LSUB completed')
  },
})
