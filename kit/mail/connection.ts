/**
 * How a process of ours reaches the mail server. A token of the control API stands in for the password, in IMAP
 * and submission alike; nobody's password is kept.
 */
export type MailAccess = {
  host: string
  port: number
  /** the mailbox that is opened, or the address that signs in */
  user: string
  /** from `auth.signIn` or `auth.serviceToken` */
  token: string
  tls: MailTls
}

/**
 * `none` is for loopback between our own processes. Otherwise the certificate is checked: against `ca` when it
 * is given (the suite's own certificate in local start), else against the system's authorities.
 */
export type MailTls = 'none' | { at: 'connect' | 'starttls'; servername: string; ca?: string | Buffer }

/** Options of `tls.connect` for an access; certificates are always checked. */
export function tlsOptions(tls: MailTls): { servername?: string; ca?: string | Buffer; minVersion: 'TLSv1.2' } {
  if (tls === 'none') return { minVersion: 'TLSv1.2' }
  return { servername: tls.servername, minVersion: 'TLSv1.2', ...(tls.ca === undefined ? {} : { ca: tls.ca }) }
}
