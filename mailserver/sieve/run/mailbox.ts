const normal = (path: string): string => {
  const [first, ...rest] = path.normalize('NFC').split('/')
  return [first?.toUpperCase() === 'INBOX' ? 'INBOX' : first, ...rest].join('/')
}

/** Names of mailboxes are compared by their letters; INBOX in any case. */
export const sameMailbox = (a: string, b: string): boolean => normal(a) === normal(b)
export const mailboxPath = normal

/** What the store takes for a name; anything else would fail only at the delivery. */
export const isMailboxPath = (path: string): boolean =>
  path.length > 0 &&
  path.length <= 1000 &&
  path.split('/').length <= 32 &&
  !/[\p{Cc}%*]/u.test(path) &&
  path.split('/').every((l) => l !== '')
