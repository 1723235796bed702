/**
 * GETMETADATA and SETMETADATA (RFC 5464): notes of programs on mailboxes and on the server, shared by all who see the
 * mailbox or private to one person. Shared ones want the right w; the server's shared ones those set who administer.
 */
import { domainOf } from '#mailserver/accounts/address.ts'
import { administers, isServerEntry, readServerEntries } from '#mailserver/sharing/serverentries.ts'
import { maxMetadataEntries, maxMetadataValue } from '../limits.ts'
import { readGetMetadata, readSetMetadata, type SetMetadata } from '../parse/metadata.ts'
import { find, type Located, mustHave } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import { writeLiteral } from '../write/literal.ts'
import { imapString, mailboxName } from '../write/text.ts'
import { command } from './command.ts'

type Target = { id: number | 0; name: string; mustChangeShared(entries: SetMetadata['entries']): void }

function targetOf(session: Session, octets: Buffer): Target {
  if (octets.length === 0)
    return {
      id: 0,
      name: '',
      mustChangeShared(entries) {
        const { accounts, now } = session.given
        if (!administers(accounts, session.user.account, now())) throw new No('NOPERM', sentences.noRight)
        if (!entries.every(({ entry, value }) => isServerEntry(entry, value)))
          throw new No('CANNOT', '/shared/admin phải là một URI, ví dụ mailto:… / must be a URI, for example mailto:…')
      },
    }
  const at = find(session, octets)
  mustHave(session, at, 'lr') // RFC 5464 §3.3
  return { id: at.mailbox.id, name: at.place.name, mustChangeShared: () => mustHave(session, at, 'lrw') }
}

const isShared = (entry: string) => /^\/shared(\/|$)/.test(entry)
const holderOf = (session: Session, shared: boolean) => (shared ? 0 : session.user.account.id)

/** An entry's name as an astring: an atom where it is one. */
export const entryName = (entry: string) => (/^[a-z0-9/._+~^$&'-]+$/.test(entry) ? entry : imapString(entry))

export const getMetadata = command({
  name: 'GETMETADATA',
  when: 'signed-in',
  read: readGetMetadata,
  async run(session, { mailbox, entries, depth, maxSize = Infinity }) {
    const target = targetOf(session, mailbox)
    const found = new Map<string, Uint8Array | null>()
    for (const shared of [false, true]) {
      const asked = entries.filter((entry) => isShared(entry) === shared)
      if (asked.length === 0) continue
      const { accounts, store } = session.given
      const there =
        target.id === 0 && shared
          ? readServerEntries(accounts, store.read, domainOf(session.user.account.address))
          : store.read.metadata({ mailbox: target.id, holder: holderOf(session, shared) })
      for (const entry of asked) {
        if (depth === 0) found.set(entry, null)
        for (const { entry: name, value } of there) if (within(entry, name, depth)) found.set(name, value)
      }
    }
    const longest = Math.max(
      0,
      ...[...found.values()].map((value) => (value && value.length > maxSize ? value.length : 0)),
    )
    const shown = [...found].filter(([, value]) => !value || value.length <= maxSize)
    if (shown.length) await writeValues(session, target.name, shown)
    return ok('GETMETADATA completed', longest ? `METADATA LONGENTRIES ${longest}` : undefined)
  },
})

/** Is `name` the entry, or below it by no more levels than `depth`? */
function within(entry: string, name: string, depth: number): boolean {
  if (name === entry) return true
  return name.startsWith(`${entry}/`) && name.slice(entry.length + 1).split('/').length <= depth
}

/** RFC 9590 §3: what LIST tells of a mailbox's entries, NIL for those that are not there. */
export async function writeMetadata(session: Session, at: Located, entries: readonly string[]): Promise<void> {
  const { read } = session.given.store
  const found = new Map<string, Uint8Array | null>(entries.map((entry) => [entry, null]))
  for (const shared of [false, true])
    if (entries.some((entry) => isShared(entry) === shared))
      for (const { entry, value } of read.metadata({ mailbox: at.mailbox.id, holder: holderOf(session, shared) }))
        if (found.has(entry)) found.set(entry, value)
  await writeValues(session, at.place.name, [...found])
}

async function writeValues(
  session: Session,
  name: string,
  values: readonly (readonly [string, Uint8Array | null])[],
): Promise<void> {
  const { out } = session
  session.midLine = true
  out.text(`* METADATA ${mailboxName(name, session.utf8)} (`)
  let space = ''
  for (const [entry, value] of values) {
    out.text(`${space}${entryName(entry)} `)
    space = ' '
    if (value === null) out.text('NIL')
    else if (value.length < 1000 && value.every((c) => c >= 32 && c < 127))
      out.text(imapString(Buffer.from(value).toString('latin1')))
    else await writeLiteral(out, value.length, value.length ? [value] : [], value.includes(0))
  }
  out.line(')')
  session.midLine = false
}

export const setMetadata = command({
  name: 'SETMETADATA',
  when: 'signed-in',
  read: readSetMetadata,
  async run(session, { mailbox, entries }) {
    const target = targetOf(session, mailbox)
    if (entries.some(({ value }) => value && value.length > maxMetadataValue))
      throw new No(`METADATA MAXSIZE ${maxMetadataValue}`, 'Ghi chú quá dài. / The value is too long.')
    if (entries.some(({ entry }) => isShared(entry))) target.mustChangeShared(entries)
    const done = await session.given.store.write('setMetadata', {
      account: session.user.account.id,
      mailbox: target.id,
      entries: entries.map((each) => ({ ...each, holder: holderOf(session, isShared(each.entry)) })),
      most: maxMetadataEntries,
      by: session.ref,
    })
    if ('refused' in done)
      throw done.refused === 'gone'
        ? new No('NONEXISTENT', sentences.missing)
        : new No('METADATA TOOMANY', 'Quá nhiều ghi chú. / There are too many entries.')
    const shared = target.id === 0 ? entries.filter(({ entry }) => isShared(entry)) : []
    if (shared.length > 0)
      session.given.accounts.note({
        by: session.user.account.address,
        what: 'metadata.set',
        detail: shared.map(({ entry, value }) => `${entry} ${value === null ? 'removed' : 'set'}`).join(', '),
      })
    return ok('SETMETADATA completed')
  },
})
