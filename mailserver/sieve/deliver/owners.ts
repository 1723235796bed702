import type { StoredAccount } from '#mailserver/accounts/port.ts'

/** Persons write scripts for their mail; for an office, who manages it. A register's mail is the record and meets none. */
export const hasScripts = ({ kind }: Pick<StoredAccount, 'kind'>): boolean => kind === 'person' || kind === 'office'
