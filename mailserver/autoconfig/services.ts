/** What a mail program must be told to reach a mailbox here: one table for every way of telling it, and for DNS. */
import { ports, type Settings } from '#config/settings.ts'

export type MailService = {
  protocol: 'imap' | 'pop3' | 'smtp' | 'sieve'
  /** where TLS begins: with the connection, or by the protocol's own command */
  security: 'tls' | 'starttls'
  host: string
  port: number
}

type Given = Pick<Settings, 'mode' | 'listen' | 'hostname' | 'portBase' | 'publicPorts'>

/** In the order in which programs should try them: TLS from the first octet before STARTTLS (RFC 8314 §3), IMAP before POP3. */
export function mailServices({ mode, listen, hostname, portBase, publicPorts }: Given): readonly MailService[] {
  // the demonstration's host name is in no DNS
  const host = mode === 'local' ? listen : hostname
  // firewalls pass the well-known ports on; RFC 8314 §7 and RFC 5804 §1.8 name them
  const at = ports(publicPorts === 'standard' ? 0 : portBase)
  return [
    { protocol: 'imap', security: 'tls', host, port: at.imaps },
    { protocol: 'imap', security: 'starttls', host, port: at.imap },
    { protocol: 'pop3', security: 'tls', host, port: at.pop3s },
    { protocol: 'pop3', security: 'starttls', host, port: at.pop3 },
    { protocol: 'smtp', security: 'tls', host, port: at.submissions },
    { protocol: 'smtp', security: 'starttls', host, port: at.submission },
    { protocol: 'sieve', security: 'starttls', host, port: at.sieve },
  ]
}

/** The first of a protocol: what people are shown, and what formats with room for one get. */
export function preferred(services: readonly MailService[], protocol: MailService['protocol']): MailService {
  return services.find((s) => s.protocol === protocol)!
}
