import { type Request, type Response, Router } from 'express'
import type { PublicCase } from '#kit/act/family.ts'
import { readMessage } from '#kit/message/read.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { findVersion } from '../catalogue/procedures.ts'
import type { Context } from '../context.ts'
import { LOOKUP_MINUTES } from '../limits.ts'
import { type CaseFile, findCase, findRefused } from '../projection/open.ts'
import { hashToken, newToken, readReference } from '../reference.ts'
import { draftByReference } from '../store/drafts.ts'
import { addVisit, endVisit, mayVisit, visited } from '../store/visits.ts'
import { unlock } from './guard.ts'
import { lookOf, verdict } from './timeline.ts'

const { show } = pages(import.meta.dirname, 'portal')
const COOKIE = 'tra-cuu'

/** Looking a case up: reference or mã hồ sơ with the secret, then its timeline, deadline and files for half an hour. */
export function lookupRoutes(context: Context): Router {
  const { store, projection, follower, calendar, province, now } = context
  const router = Router()

  router.get('/tra-cuu', (req, res) => {
    const ma = typeof req.query['ma'] === 'string' ? req.query['ma'].slice(0, 80) : ''
    form(res, ma, {})
  })

  router.post('/tra-cuu', (req, res) => {
    const text = (name: string): string => {
      const value = (req.body as Record<string, unknown> | undefined)?.[name]
      return typeof value === 'string' ? value.slice(0, 200) : ''
    }
    const key = text('ma')
    try {
      const reference = unlock(context, { key, secret: text('bimat'), ip: req.ip ?? '' })
      const token = newToken()
      addVisit(store, { tokenHash: hashToken(token), reference, at: now() })
      res.cookie(COOKIE, token, { httpOnly: true, sameSite: 'lax', secure: context.secure, path: '/tra-cuu' })
      res.redirect(303, `/tra-cuu/${reference}`)
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      form(res.status(err.status), key, Object.keys(err.fields).length > 0 ? err.fields : { '': err.advice })
    }
  })

  router.post('/tra-cuu/thoat', (req, res) => {
    const token = cookie(req)
    if (token) endVisit(store, hashToken(token))
    res.clearCookie(COOKIE, { path: '/tra-cuu' }).redirect(303, '/tra-cuu')
  })

  router.get('/tra-cuu/:reference', (req, res) => {
    const reference = allowed(req)
    if (!reference) return res.redirect(303, `/tra-cuu?ma=${encodeURIComponent(req.params.reference.slice(0, 80))}`)
    const found = findCase(projection, reference)
    const data = found?.data ?? waiting(reference)
    if (!data) throw gone()
    const refused = found ? undefined : findRefused(projection, reference)
    const unit =
      findVersion(province, data.procedure.code, data.procedure.version)?.version.deadline.unit ?? 'workingDay'
    const files = found?.files ?? []
    const results = new Set(data.result?.files.map((f) => f.sha256))
    show(res, 'case', {
      title: `Hồ sơ ${data.code ?? reference}`,
      active: 'lookup',
      scripts: ['portal-case.js'],
      c: data,
      refused,
      verdict: verdict(data, unit, calendar, now()),
      isOff: (date: string) => !calendar.isWorkingDay(date),
      lookOf,
      results: files.filter((f) => results.has(f.sha256)),
      filesOf: (seq: number) => files.filter((f) => f.seq === seq && !results.has(f.sha256)),
      steps: data.steps.toReversed(),
    })
  })

  /** Tells an open page that its case changed. */
  router.get('/tra-cuu/:reference/moi', (req, res) => {
    const reference = allowed(req)
    const token = cookie(req)
    if (!reference || !token) throw new Refusal(403, 'Hồ sơ đã đóng. Tra cứu lại.', 'no visit')
    context.hub.join(req, res, reference, () => mayVisit(store, hashToken(token), since()))
  })

  router.get('/tra-cuu/:reference/tep/:sha256', async (req, res) => {
    const reference = allowed(req)
    if (!reference) return res.redirect(303, `/tra-cuu?ma=${encodeURIComponent(req.params.reference.slice(0, 80))}`)
    const file = findCase(projection, reference)?.files.find((f) => f.sha256 === req.params.sha256)
    if (!file) throw new Refusal(404, 'Hồ sơ không có tệp này.', 'no such file')
    res.set({
      'Content-Type': file.type,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'Content-Security-Policy': "default-src 'none'; sandbox",
    })
    res.send(await octets(file))
  })

  /** Lodged, and not yet in the projection: said from the portal's own row. */
  function waiting(reference: string): PublicCase | undefined {
    const draft = draftByReference(store, reference)
    const listed = draft && findVersion(province, draft.procedure, draft.version)
    const agency = province.agencies.find((a) => a.id === listed?.procedure.agency)
    if (draft?.state !== 'lodged' || !listed || !agency || !draft.lodgedAt) return undefined
    return {
      case: reference,
      seq: 0,
      secretHash: '',
      agency: { id: agency.id, code: agency.code, name: agency.name },
      procedure: { code: draft.procedure, version: draft.version, name: listed.procedure.name },
      applicant: '',
      outer: 1,
      stateName: 'Mới đăng ký',
      lodgedAt: draft.lodgedAt,
      steps: [{ seq: 0, at: draft.lodgedAt, kind: 'dossier.lodge', text: 'Nộp hồ sơ trực tuyến', files: [] }],
    }
  }

  async function octets(file: CaseFile): Promise<Buffer> {
    const message = readMessage(await follower.source(file.uid))
    const content = message?.files.find((f) => f.ref.sha256 === file.sha256)?.content
    if (!content) throw new Error(`message ${file.uid} does not hold ${file.sha256}`)
    return content
  }

  /** A visit that was last seen before this has ended. */
  const since = (): string => new Date(Date.parse(now()) - LOOKUP_MINUTES * 60_000).toISOString()

  /** The case of the address, when this browser has opened it. */
  function allowed(req: Request<{ reference: string }>): string | undefined {
    const token = cookie(req)
    const reference = readReference(req.params.reference)
    if (!token || !reference) return undefined
    return visited(store, hashToken(token), { now: now(), since: since() }) === reference ? reference : undefined
  }

  function form(res: Response, ma: string, errors: Readonly<Record<string, string>>): void {
    show(res, 'lookup', { title: 'Tra cứu hồ sơ', active: 'lookup', ma, errors, minutes: LOOKUP_MINUTES })
  }
  return router
}

const gone = (): Refusal =>
  new Refusal(404, 'Hồ sơ này không còn trên cổng. Hỏi Bộ phận Một cửa theo mã hồ sơ.', 'case is gone')

/** Only ours is looked for; a cookie of another form is none. */
function cookie(req: Request): string | undefined {
  const found = new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9A-Z]{26})(?:;|$)`).exec(req.get('cookie') ?? '')
  return found?.[1]
}
