/** Whose deleted mail, who asks for it, and which of it. */
import type { DeletedWhich, ProcessName } from '#kit/directory/calls.ts'
import { fold } from '#kit/vi/fold.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Mailbox, SearchKey } from '#mailserver/store/port.ts'
import type { Context } from '../call.ts'
import { instant, list, maybe, object, text, whole } from '../input.ts'
import { mustManage } from '../manage.ts'
import { accountOf } from './place.ts'
import { found, keyOf } from './query.ts'

/** A page holds 50 rows; more is asked for by what it answers to. */
const mostUids = 1_000
const mostWords = 20

export const which = object({
  uids: maybe(list(whole(1, 0xffff_ffff), mostUids)),
  words: maybe(list(text(200), mostWords)),
  query: maybe(text(8_000)),
  since: maybe(instant),
  before: maybe(instant),
})

export type Asked = { address: string; by: string; which: DeletedWhich }

/**
 * @param caller the pages ask for people, who must own or manage the mailbox; the command line is an administrator's
 * @returns `uids` ascending; `mailbox` is undefined when nothing was ever deleted there; `own`: it is the asking person's
 * @throws Refusal 403, 404, 422 with what is wrong in the query
 */
export async function deletedOf(
  context: Context,
  { address, by, which: asked }: Asked,
  caller: ProcessName,
): Promise<{ account: StoredAccount; mailbox: Mailbox | undefined; uids: number[]; own: boolean }> {
  const account = accountOf(context, address)
  if (caller !== 'cli') mustManage(context.accounts, { account, by, at: context.now() })
  const mailbox = context.store.read.deletedMailbox(account.id)
  const uids = mailbox ? await found(context, mailbox, keysOf(context, mailbox, asked)) : []
  return { account, mailbox, uids, own: caller !== 'cli' && account.kind === 'person' }
}

function keysOf(
  context: Context,
  mailbox: Mailbox,
  { uids, words = [], query, since, before }: DeletedWhich,
): SearchKey {
  const header = (name: string, value: string): SearchKey => ({ key: 'header', name, value })
  const of: SearchKey[] = words
    .map(fold)
    .map((word) => ({ key: 'or', of: [header('from', word), header('subject', word)] }))
  if (uids) of.push({ key: 'uid', ranges: uids.map((uid) => [uid, uid]) })
  if (query !== undefined) of.push(keyOf(context, mailbox, query))
  if (since !== undefined) of.push({ key: 'saved', from: Date.parse(since) })
  if (before !== undefined) of.push({ key: 'saved', to: Date.parse(before) })
  return { key: 'and', of: of.length > 0 ? of : [{ key: 'all' }] }
}

/** How it was asked for, for the record. */
export const asWritten = ({ uids, words, query, since, before }: DeletedWhich): string =>
  [
    uids && `UID ${uids.join(',').slice(0, 200)}`,
    words?.join(' '),
    query,
    since && `since ${since}`,
    before && `before ${before}`,
  ]
    .filter((each) => each !== undefined && each !== '')
    .join(', ') || 'ALL'
