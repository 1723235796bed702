import type { MailboxType } from '../port.ts'

/**
 * What may happen to a mailbox of each type, for everyone, owner and administrator included (design.md §5).
 * `ledgerCommit` and `ledgerDeadLetter` do not ask: they are what these types exist for.
 */
const may: Record<
  MailboxType,
  { append: boolean; flag: boolean; takeOut: boolean; expunge: boolean; reshape: boolean }
> = {
  normal: { append: true, flag: true, takeOut: true, expunge: true, reshape: true },
  registerInbox: { append: false, flag: true, takeOut: true, expunge: true, reshape: false },
  ledger: { append: false, flag: false, takeOut: false, expunge: false, reshape: false },
  handled: { append: false, flag: false, takeOut: false, expunge: false, reshape: false },
  dead: { append: false, flag: true, takeOut: false, expunge: false, reshape: false },
}

type End = { account: number; type: MailboxType }

export const mayAppend = (type: MailboxType): boolean => may[type].append
export const mayFlag = (type: MailboxType): boolean => may[type].flag
export const mayExpunge = (type: MailboxType): boolean => may[type].expunge
/** renamed or deleted */
export const mayReshape = (type: MailboxType): boolean => may[type].reshape
/** deliveries; dead letters and ledgers are written by ledger jobs alone */
export const mayDeliver = (type: MailboxType): boolean => type === 'normal' || type === 'registerInbox'

export function mayCopy(from: End, to: End, move: boolean): boolean {
  // a dead letter is replayed by moving it back to the same register's INBOX
  if (from.type === 'dead') return move && to.type === 'registerInbox' && to.account === from.account
  return may[from.type].takeOut && may[to.type].append
}

/** The type of a register's folder follows from its name; other accounts have normal folders only. */
export function typeOf(kind: string, path: string): MailboxType {
  if (kind !== 'register') return 'normal'
  const top = path.split('/', 1)[0]
  if (path === 'INBOX') return 'registerInbox'
  if (top === 'Ledger') return 'ledger'
  if (top === 'Handled') return 'handled'
  return path === 'Dead letters' ? 'dead' : 'normal'
}

const MAX_PATH = 1000
const MAX_LEVELS = 32

/**
 * NFC, "INBOX" in capitals wherever it is the first level.
 * @throws RangeError for an empty level, control characters, wildcards, over 1,000 characters or 32 levels
 */
export function cleanPath(path: string): string {
  const levels = path.normalize('NFC').split('/')
  if (levels[0]?.toUpperCase() === 'INBOX') levels[0] = 'INBOX'
  const clean = levels.join('/')
  if (
    clean.length > MAX_PATH ||
    levels.length > MAX_LEVELS ||
    levels.some((l) => l === '') ||
    /[\0-\x1f\x7f%*]/.test(clean)
  )
    throw new RangeError(`not a mailbox name: ${JSON.stringify(path.slice(0, 100))}`)
  return clean
}
