/** Every extension that a script may require; CAPABILITY of ManageSieve and the SIEVE string say the same. */
export const extensions = [
  'body',
  'comparator-i;ascii-numeric',
  'comparator-i;unicode-casemap',
  'copy',
  'date',
  'duplicate',
  'editheader',
  'encoded-character',
  'enotify',
  'envelope',
  'environment',
  'ereject',
  'extracttext',
  'fcc',
  'fileinto',
  'foreverypart',
  'ihave',
  'imap4flags',
  'include',
  'index',
  'mailbox',
  'mailboxid',
  'mboxmetadata',
  'mime',
  'regex',
  'reject',
  'relational',
  'servermetadata',
  'special-use',
  'subaddress',
  'vacation',
  'vacation-seconds',
  'variables',
] as const

/** Of the base specification: may be required, need not be (RFC 5228 §2.7.3). */
export const builtIn = ['comparator-i;octet', 'comparator-i;ascii-casemap'] as const

export const isExtension = (name: string): boolean =>
  (extensions as readonly string[]).includes(name) || (builtIn as readonly string[]).includes(name)
