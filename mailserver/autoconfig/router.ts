/**
 * How mail programs find their settings without anybody typing them: Thunderbird's and K-9's autoconfig (also KMail, Evolution),
 * Outlook's Autodiscover (the old POX form, for IMAP accounts), Apple's configuration profile, and a page for people. What is told is the same for
 * every address, so nobody learns here whether an address exists.
 */
import { createHash } from 'node:crypto'
import express, { type RequestHandler, type Response, Router } from 'express'
import type { Directory } from '#kit/directory/calls.ts'
import { pages } from '#kit/web/page.ts'
import { qrSvg } from '#kit/web/qr.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import { type MailService, preferred } from './services.ts'

/** Outlook asks with some 400 octets. */
const mostRequestBytes = 16 * 1024
const page = '/toi/chuong-trinh-thu'

export type AutoconfigGiven = {
  directory: Pick<Directory, 'domain.list' | 'secondFactor.state'>
  services: readonly MailService[]
  /** name of the province */
  organisation: string
  /** the desk's public address */
  origin: string
}

/** Mounted at the root of the desk: `autoconfig.<domain>` and `autodiscover.<domain>` are further names of it (`congso dns`). */
export function autoconfigRouter({ directory, services, organisation, origin }: AutoconfigGiven): Router {
  const router = Router()
  const { part } = pages(import.meta.dirname, 'plain')
  const { show } = pages(import.meta.dirname, 'desk')
  const [imap, imapOther] = services.filter((s) => s.protocol === 'imap')
  const [smtp, smtpOther] = services.filter((s) => s.protocol === 'smtp')

  // https://benbucksch.github.io/autoconfig-spec/ (draft-ietf-mailmaint-autoconfig)
  const thunderbird: RequestHandler = async (req, res) => {
    const { domains } = await directory['domain.list']({})
    const asked = domainOf(req.query['emailaddress'])
    if (domains.length === 0 || (asked !== undefined && !domains.includes(asked)))
      return void res
        .status(404)
        .type('text')
        .send('Not a domain of this server / Khong phai ten mien cua may chu nay\n')
    const ordered = asked === undefined ? domains : [asked, ...domains.filter((d) => d !== asked)]
    sendXml(
      res,
      part(res, 'thunderbird', {
        domains: ordered,
        name: `Thư công vụ ${organisation}`,
        services,
        help: `${origin}${page}`,
      }),
    )
  }
  router.get('/mail/config-v1.1.xml', thunderbird)
  router.get('/.well-known/autoconfig/mail/config-v1.1.xml', thunderbird)

  // MS-OXDSCLI §2.2.3, §2.2.4; Outlook writes the path in either case, which Express takes for the same
  router.post(
    '/autodiscover/autodiscover.xml',
    express.text({ type: () => true, limit: mostRequestBytes }),
    async (req, res) => {
      const asked = /<EMailAddress>\s*([^<>\s]{3,320})\s*<\/EMailAddress>/i.exec(
        typeof req.body === 'string' ? req.body : '',
      )?.[1]
      const { domains } = await directory['domain.list']({})
      if (asked === undefined)
        return sendXml(res, part(res, 'outlook-error', { code: 600, message: 'Invalid Request' }))
      if (!domains.includes(domainOf(asked) ?? ''))
        return sendXml(
          res,
          part(res, 'outlook-error', { code: 500, message: 'The email address is not of this server' }),
        )
      sendXml(res, part(res, 'outlook', { address: asked, services }))
    },
  )

  router.get(`${page}/cong-so.mobileconfig`, requireSession, (_req, res) => {
    const { person } = sessionOf(res)
    const identifier = `${person.address.replace('@', '.')}.congso`
    // the same for the same mailbox, so that installing it again replaces it
    const ids = ['profile', 'mail'].map((what) => uuidOf(`${identifier} ${what}`))
    const text = part(res, 'apple', {
      address: person.address,
      person: person.name,
      organisation,
      identifier,
      ids,
      imap,
      smtp,
    })
    res.set('Content-Disposition', 'attachment; filename="cong-so.mobileconfig"')
    res.type('application/x-apple-aspen-config').send(text)
  })

  router.get(page, requireSession, async (_req, res) => {
    const { person } = sessionOf(res)
    const { on } = await directory['secondFactor.state']({ address: person.address })
    show(res, 'programs', {
      title: 'Thư trên điện thoại và máy tính',
      active: 'me',
      address: person.address,
      appPassword: on,
      // a telephone reaches no local start
      qr: origin.startsWith('https:') ? await qrSvg(`${origin}${page}`) : undefined,
      imap,
      imapOther,
      smtp,
      smtpOther,
      pop3: preferred(services, 'pop3'),
      sieve: preferred(services, 'sieve'),
    })
  })
  return router
}

function sendXml(res: Response, text: string): void {
  res.type('application/xml').send(text)
}

/** In lower case; undefined without one. */
function domainOf(address: unknown): string | undefined {
  return typeof address === 'string' && address.includes('@')
    ? address.slice(address.lastIndexOf('@') + 1).toLowerCase()
    : undefined
}

/** RFC 9562 §5.8: a UUID of our own making, from a hash. */
function uuidOf(text: string): string {
  const octets = createHash('sha256').update(text).digest().subarray(0, 16)
  octets[6] = (octets[6]! & 0x0f) | 0x80
  octets[8] = (octets[8]! & 0x3f) | 0x80
  return octets
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    .toUpperCase()
}
