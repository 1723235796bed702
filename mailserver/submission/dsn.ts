/** RET, ENVID, NOTIFY and ORCPT (RFC 3461 §4). smtp-server has checked their syntax and undone xtext; how long they are it does not ask. */
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server'
import type { DsnRequest } from '#mailserver/store/port.ts'
import { SmtpReply } from './recipients.ts'

export type RecipientDsn = Pick<DsnRequest, 'notify' | 'orcpt'>

/** §4.4 and §4.2, in characters */
const MAX_ENVID = 100
const MAX_ORCPT = 500

/** What smtp-server has read; its types do not know it. */
type Read = {
  envelope: { dsn?: { ret: 'FULL' | 'HDRS' | null; envid: string | null } }
  address: { dsn?: { notify?: NonNullable<DsnRequest['notify']>; orcpt?: string } }
}

/** @throws SmtpReply 501 */
export function envelopeDsn(session: SMTPServerSession): Pick<DsnRequest, 'ret' | 'envid'> {
  const { ret, envid } = (session.envelope as unknown as Read['envelope']).dsn ?? { ret: null, envid: null }
  if (envid !== null && envid.length > MAX_ENVID) throw new SmtpReply(501, '5.5.4 ENVID is too long / ENVID qua dai')
  return { ...(ret === null ? {} : { ret }), ...(envid === null ? {} : { envid }) }
}

/** @throws SmtpReply 501 */
export function recipientDsn(address: SMTPServerAddress): RecipientDsn {
  const { notify, orcpt } = (address as unknown as Read['address']).dsn ?? {}
  if (orcpt !== undefined && orcpt.length > MAX_ORCPT)
    throw new SmtpReply(501, '5.5.4 ORCPT is too long / ORCPT qua dai')
  return { ...(notify === undefined ? {} : { notify }), ...(orcpt === undefined ? {} : { orcpt }) }
}
