import { mkdirSync } from 'node:fs'
import type { Province } from '#config/province.ts'
import { paths, ports, type Settings } from '#config/settings.ts'
import type { Directory } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { createApp, type Health } from '#kit/web/app.ts'
import { catalogueRoutes } from './catalogue/routes.ts'
import type { Context } from './context.ts'
import { paperRoutes } from './form/papers.ts'
import { formRoutes } from './form/routes.ts'
import { maxAllBytes } from './limits.ts'
import { lodgingRoutes } from './lodging/routes.ts'
import { startSender } from './lodging/sender.ts'
import { lookupRoutes } from './lookup/routes.ts'
import { portalMail } from './mail.ts'
import { followMailbox } from './projection/follow.ts'
import { openProjection } from './projection/open.ts'
import { openStore } from './store/open.ts'
import { sweepHourly } from './sweep.ts'

const log = subsystem('portal')

export type PortalGiven = {
  settings: Settings
  province: Province
  directory: Directory
  /** answers `GET /healthz` */
  health?: () => Health
  /** tests: another port, 0 for a free one */
  port?: number
}

/** The citizens' portal: its own origin, process and secret; drafts and projection are its only state. */
export async function startPortal(given: PortalGiven): Promise<AsyncDisposable & { url: string }> {
  const { settings, province, directory } = given
  const folder = paths(settings.data).portal
  const uploads = `${folder}/uploads`
  mkdirSync(uploads, { recursive: true, mode: 0o700 })
  await using stack = new AsyncDisposableStack()
  const store = stack.adopt(openStore(`${folder}/portal.sqlite`), (db) => db.close())
  const projection = stack.adopt(openProjection(`${folder}/projection.sqlite`), (db) => db.close())
  const mail = portalMail(settings, province.portal, directory)
  const origin = settings.portalOrigin.replace(/\/+$/, '')
  const app = createApp({
    name: 'portal',
    layout: 'portal',
    origin,
    patience: settings.patience,
    locals: {
      province: province.name,
      styles: ['portal-pages.css'],
      tagline: 'Nộp và theo dõi hồ sơ trực tuyến',
      menu: [
        { id: 'procedures', label: 'Thủ tục', href: '/' },
        { id: 'lookup', label: 'Tra cứu hồ sơ', href: '/tra-cuu' },
        { id: 'guide', label: 'Hướng dẫn', href: '/huong-dan' },
      ],
      footer,
    },
    assets: {
      'portal-form.js': `${import.meta.dirname}/form/form.js`,
      'portal-case.js': `${import.meta.dirname}/lookup/case.js`,
      'portal-pages.css': `${import.meta.dirname}/portal-pages.css`,
    },
    ...(given.health ? { health: given.health } : {}),
  })
  const follower = stack.use(
    followMailbox({
      projection,
      mail,
      directory,
      domain: province.domain,
      registers: new Set(province.agencies.map((a) => a.register.toLowerCase())),
      changed: (reference) => app.hub.send(reference, 'changed', {}),
    }),
  )
  const now = clock(settings)
  const sender = stack.use(startSender({ store, province, mail, origin, now }))
  stack.use(sweepHourly(store, uploads, now))

  const context: Context = {
    settings,
    province,
    calendar: calendar(province.holidays, province.workingSwaps),
    store,
    projection,
    sender,
    follower,
    hub: app.hub,
    uploads,
    origin,
    secure: origin.startsWith('https:'),
    maxAllBytes: maxAllBytes(settings.maxMessageMb),
    now,
  }
  app.use(catalogueRoutes(context))
  app.use(lodgingRoutes(context)) // before the form: /soan/…/xong is not a step
  app.use(paperRoutes(context))
  app.use(formRoutes(context))
  app.use(lookupRoutes(context))
  const listening = stack.use(await app.listen(settings.listen, given.port ?? ports(settings.portBase).portal))
  log.info({ url: listening.origin }, 'portal ready')
  const owned = stack.move()
  return { url: listening.origin, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Now, or in tests the instant that the suite was told to start at, going on from there. */
function clock(settings: Settings): () => string {
  const shift = settings.clock === '' ? 0 : Date.parse(settings.clock) - Date.now()
  return () => new Date(Date.now() + shift).toISOString()
}

const footer = `<div class="col-md-5"><strong>Trung tâm Phục vụ hành chính công tỉnh</strong><p class="text-muted">Tầng 1 Thư viện tỉnh, đường Tôn Đức Thắng, thành phố Hải Dương</p></div>
<div class="col-md-4"><strong>Giờ tiếp nhận</strong><p class="text-muted">Thứ Hai đến thứ Sáu. Mùa hè 7:00–11:00 và 13:30–16:30; mùa đông 7:30–11:30 và 13:00–16:00</p></div>
<div class="col-md-3"><strong>Ông/Bà cần giúp?</strong><p><a href="/huong-dan">Cách nộp và tra cứu hồ sơ</a></p></div>`
