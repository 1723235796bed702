/** What a run may know, gathered before it: the script, the letter as far as the script reads it, and the owner's mailboxes. */
import { domainOf } from '#mailserver/accounts/address.ts'
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import { readServerEntries } from '#mailserver/sharing/serverentries.ts'
import { mailboxId } from '#mailserver/store/mailboxid.ts'
import type { Store } from '#mailserver/store/port.ts'
import { headerEnd } from './edit.ts'
import type { Letter, Target } from './filters.ts'
import type { RunJob } from './protocol.ts'

/** Việt Nam has one zone and no summer time. */
const ZONE = 7 * 60
/** Extensions for which a script needs the whole letter, not its header alone. */
const READS_BODY = /"(body|mime|foreverypart|extracttext)"/i
const READS_NOTES = /"(mboxmetadata|servermetadata)"/i

type Given = { accounts: Accounts; store: Store; hostname: string }

export function jobFor({ accounts, store, hostname }: Given, letter: Letter, target: Target, script: string): RunJob {
  const { account, to, recipient } = target
  const raw = Buffer.from(letter.raw.buffer, letter.raw.byteOffset, letter.raw.byteLength)
  const others = /include/i.test(script) ? othersOf(accounts, account.id) : {}
  const says = (what: RegExp) => [script, ...Object.values(others)].some((text) => what.test(text))
  const notes = says(READS_NOTES)
  return {
    script,
    others,
    header: Buffer.concat([recipient.prefix, raw.subarray(0, headerEnd(raw))]),
    ...(says(READS_BODY) ? { raw } : {}),
    facts: {
      from: letter.from,
      to,
      size: raw.length,
      now: letter.at,
      zone: ZONE,
      owner: { address: account.address, name: account.name, aliases: accounts.otherNames(account) },
      mailboxes: store.read
        .mailboxes(account.id)
        .filter((m) => m.type === 'normal')
        .map((m) => ({
          path: m.path,
          id: mailboxId(m.id),
          ...(m.specialUse ? { specialUse: m.specialUse } : {}),
          ...(notes && { notes: notesOf(store, account, m.id) }),
        })),
      ...(notes && { serverNotes: serverNotesOf(accounts, store, account) }),
      hostname,
      domain: domainOf(account.address),
      seen: [],
    },
  }
}

function othersOf({ scripts }: Accounts, account: number): Record<string, string> {
  return Object.fromEntries(scripts.list(account).map(({ name }) => [name, scripts.get(account, name) ?? '']))
}

/** The owner's own and those of all. */
const notesOf = ({ read }: Store, account: StoredAccount, mailbox: number): Record<string, string> =>
  asTexts([account.id, 0].flatMap((holder) => read.metadata({ mailbox, holder })))

const serverNotesOf = (accounts: Accounts, { read }: Store, account: StoredAccount): Record<string, string> =>
  asTexts([
    ...read.metadata({ mailbox: 0, holder: account.id }),
    ...readServerEntries(accounts, read, domainOf(account.address)),
  ])

const asTexts = (notes: readonly { entry: string; value: Uint8Array }[]): Record<string, string> =>
  Object.fromEntries(notes.map(({ entry, value }) => [entry, Buffer.from(value).toString()]))
