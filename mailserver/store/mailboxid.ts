/** MAILBOXID (RFC 8474 §4.1), as IMAP tells it and scripts name it (RFC 9042). */
export const mailboxId = (id: number): string => `F${id}`
