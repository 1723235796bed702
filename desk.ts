/** The desk process: everything that staff see in a browser, joined under one sign-in. */
import { mkdirSync } from 'node:fs'
import type { Province } from '#config/province.ts'
import { paths, ports, type Settings } from '#config/settings.ts'
import { loadActs } from '#kit/act/registry.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { health } from '#kit/process/status.ts'
import { openDatabase } from '#kit/store/open.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { liveRouter } from '#kit/web/live.ts'
import { openSessions, requireSession, type Session } from '#kit/web/session.ts'
import { signInRouter } from '#kit/web/signin/router.ts'
import { adminPages } from '#mailserver/admin/router.ts'
import { autoconfigRouter } from '#mailserver/autoconfig/router.ts'
import { mailServices } from '#mailserver/autoconfig/services.ts'
import { MailConnections } from '#webmail/connections.ts'
import type { ActName } from '#webmail/context.ts'
import { watchInboxes } from '#webmail/live.ts'
import { mailApp, mailAssets, webmailRouter } from '#webmail/router.ts'
import { workflowPages } from '#workflow/pages/router.ts'
import { directoryFor } from './processes.ts'

export async function startDesk({
  settings,
  province,
}: {
  settings: Settings
  province: Province
}): Promise<AsyncDisposable> {
  const at = paths(settings.data)
  mkdirSync(at.desk, { recursive: true, mode: 0o700 })
  const directory = directoryFor(settings, 'desk')
  const acts = await loadActs(`${import.meta.dirname}/acts`)
  const secure = settings.deskOrigin.startsWith('https:')
  const imap = (session: Session) => mailAccess(settings, session, ports(settings.portBase).imap)
  const submission = (session: Session) => mailAccess(settings, session, ports(settings.portBase).submission)
  const uploads = `${at.desk}/uploads`

  const now = clock(settings)

  await using stack = new AsyncDisposableStack()
  const db = stack.adopt(openDatabase(`${at.desk}/sessions.sqlite`), (open) => open.close())
  const sessions = openSessions(db, now)
  const app = createApp({
    name: 'desk',
    layout: 'desk',
    origin: settings.deskOrigin,
    patience: settings.patience,
    assets: mailAssets,
    now,
    health: () => health(at.status),
    signIn: (res) => res.redirect(303, `/dang-nhap?ve=${encodeURIComponent(res.req.originalUrl)}`),
  })
  const connections = stack.use(new MailConnections(imap))
  const workflow = stack.use(
    workflowPages({
      directory,
      projections: at.projections,
      acts,
      calendar: calendar(province.holidays, province.workingSwaps),
      imap,
      submission,
      hub: app.hub,
      uploads,
      mostMessageBytes: settings.maxMessageMb * 1024 * 1024,
      now,
    }),
  )
  const admin = adminPages({ directory, domain: province.domain })
  app.use(deskFrame({ sessions, apps: [mailApp, ...workflow.apps, admin.app], secure }))
  app.use(
    signInRouter({
      directory,
      sessions,
      secure,
      domain: province.domain,
      province: province.name,
      portalOrigin: settings.portalOrigin,
    }),
  )
  app.use(liveRouter(app.hub))
  app.use(
    autoconfigRouter({
      directory,
      services: mailServices(settings),
      organisation: province.name,
      origin: settings.deskOrigin,
    }),
  )
  app.express.get('/', requireSession, (_req, res) => res.redirect(303, '/ho-so'))
  app.use(
    webmailRouter({ directory, connections, submission, acts: actNames(acts.acts), uploads, domain: province.domain }),
  )
  app.use(workflow.router)
  app.use(admin.router)
  stack.use(watchInboxes({ hub: app.hub, sessions, connections }))
  stack.use(await app.listen(settings.listen, ports(settings.portBase).desk))
  return stack.move()
}

/** The suite's clock: that of the machine, or in tests one that began elsewhere (CONGSO_CLOCK). */
function clock(settings: Settings): () => Date {
  if (settings.clock === '') return () => new Date()
  const shift = Date.parse(settings.clock) - Date.now()
  return () => new Date(Date.now() + shift)
}

/** The person's token is the password; on loopback nothing is encrypted, since nothing leaves the machine. */
function mailAccess(settings: Settings, session: Session, port: number): MailAccess {
  const local = settings.listen === '127.0.0.1' || settings.listen === '::1'
  return {
    host: settings.listen,
    port,
    user: session.person.address,
    token: session.token,
    tls: local ? 'none' : { at: 'starttls', servername: settings.hostname },
  }
}

/** What the webmail needs to know of the acts: their words. */
function actNames(acts: ReadonlyMap<string, ActName>): ReadonlyMap<string, ActName> {
  return new Map(
    [...acts].map(([kind, { title, verb, icon }]) => [
      kind,
      { kind, title, verb, icon, danger: icon === 'arrow-back-up' },
    ]),
  )
}
