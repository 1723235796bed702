import { ports, type Settings } from '#config/settings.ts'
import type { Address, Directory } from '#kit/directory/calls.ts'
import type { MailAccess } from '#kit/mail/connection.ts'

/** How long before its end a token is replaced: longer than the slowest submission. */
const MARGIN_MS = 120_000

export type PortalMail = {
  submission(): Promise<MailAccess>
  imap(): Promise<MailAccess>
  /** After a 401: the next access asks for a new token. */
  forget(): void
}

/** Access to the mail server as the portal's one service account, with a token that is kept until it ends. */
export function portalMail(
  settings: Settings,
  address: Address,
  directory: Pick<Directory, 'auth.serviceToken'>,
): PortalMail {
  const at = ports(settings.portBase)
  let current: { token: string; expires: string } | undefined
  async function access(port: number): Promise<MailAccess> {
    if (!current || Date.parse(current.expires) - Date.now() < MARGIN_MS)
      current = await directory['auth.serviceToken']({ mailbox: address })
    return { host: settings.listen, port, user: address, token: current.token, tls: 'none' }
  }
  return {
    submission: () => access(at.submission),
    imap: () => access(at.imap),
    forget: () => {
      current = undefined
    },
  }
}
