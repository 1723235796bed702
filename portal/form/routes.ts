import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type Request, type Response, Router } from 'express'
import type { FormStep } from '#config/province.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { pages } from '#kit/web/page.ts'
import { qrSvg } from '#kit/web/qr.ts'
import { readForm } from '#kit/web/upload.ts'
import { deadlineWords, findVersion, type Listed, wayOf } from '../catalogue/procedures.ts'
import type { Context } from '../context.ts'
import { DRAFT_DAYS, MAX_BYTES_PER_HOUR, MAX_FILE_BYTES, MAX_FILES, MAX_KEPT_BYTES } from '../limits.ts'
import { formRows } from '../lodging/command.ts'
import { hashToken } from '../reference.ts'
import {
  type Draft,
  draftByToken,
  keptBytes,
  removeUpload,
  saveAnswers,
  type Upload,
  uploadsOf,
} from '../store/drafts.ts'
import { tally } from '../store/visits.ts'
import { checkStep, isAsked, typedOf } from './answers.ts'
import { acceptWords, fileField, keepUploads } from './uploads.ts'

const { show } = pages(import.meta.dirname, 'portal')

export type Open = { token: string; draft: Draft; listed: Listed; uploads: Upload[] }
type Mistake = { step: FormStep; field: string; label: string; error: string }

/** The draft that the address opens. @throws Refusal 404, the same for a wrong and a forgotten one */
export function openDraft({ store, province }: Context, token: string): Open {
  const draft = /^[0-9A-Z]{26}$/.test(token) ? draftByToken(store, hashToken(token)) : undefined
  const listed = draft && findVersion(province, draft.procedure, draft.version)
  if (!draft || !listed)
    throw new Refusal(
      404,
      `Không mở được hồ sơ đang soạn: đường dẫn thiếu ký tự, hoặc bản nháp đã quá ${DRAFT_DAYS} ngày. Hồ sơ đã nộp thì xem ở trang Tra cứu.`,
      'no such draft',
    )
  return { token, draft, listed, uploads: uploadsOf(store, draft.id) }
}

/** Everything that keeps the draft from being lodged, in the order of the form. */
export function allMistakes({ draft, listed, uploads }: Open, today: string): Mistake[] {
  const { version } = listed
  return version.form.flatMap((step) => {
    const { errors } = checkStep(step, draft.answers, today)
    const fields = step.fields
      .filter((f) => errors[f.name])
      .map((f) => ({ step, field: f.name, label: f.label, error: errors[f.name]! }))
    if (step.shows !== 'documents') return fields
    const missing = version.documents
      .filter((d) => d.required && wayOf(version) === 'lodge' && !uploads.some((u) => u.document === d.id))
      .map((d) => ({ step, field: fileField(d.id), label: d.name, error: 'Chưa có tệp nào cho giấy tờ bắt buộc này.' }))
    return [...fields, ...missing]
  })
}

/** The multi-step form: each step is saved by its button, by itself while typing, and can be left and resumed. */
export function formRoutes(context: Context): Router {
  const { store, now, maxAllBytes, uploads: folder } = context
  const router = Router()
  const today = (): string => localDate(now())

  router.get('/soan/:token', (req, res) => {
    const open = openDraft(context, req.params.token)
    if (open.draft.state !== 'draft') return res.redirect(303, `/soan/${open.token}/xong`)
    const next = open.listed.version.form.find((s) => !open.draft.passed.includes(s.id)) ?? open.listed.version.form[0]!
    res.redirect(303, `/soan/${open.token}/${next.id}`)
  })

  router.get('/soan/:token/de-sau', async (req, res) => {
    const open = openDraft(context, req.params.token)
    const link = `${context.origin}/soan/${open.token}`
    show(res, 'later', {
      title: 'Để lần sau làm tiếp',
      active: 'procedures',
      ...open,
      link,
      qr: await qrSvg(link),
      days: DRAFT_DAYS,
    })
  })

  router.get('/soan/:token/tep/:upload', async (req, res) => {
    const { uploads } = openDraft(context, req.params.token)
    const file = uploads.find((u) => u.id === req.params.upload)
    if (!file) throw new Refusal(404, 'Tệp này đã bỏ khỏi hồ sơ.', 'no such upload')
    res.set({
      'Content-Type': file.type,
      'Content-Length': String(file.size),
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'Content-Security-Policy': "default-src 'none'; sandbox",
    })
    await pipeline(createReadStream(file.path), res)
  })

  router.post('/soan/:token/bo-tep/:upload', async (req, res) => {
    const open = openDraft(context, req.params.token)
    const path = removeUpload(store, open.draft.id, req.params.upload)
    if (path) await rm(path, { force: true })
    const step = open.listed.version.form.find((s) => s.shows === 'documents')
    res.redirect(303, `/soan/${open.token}/${step?.id ?? ''}`)
  })

  router.get('/soan/:token/:step', (req, res, next) => {
    const open = openDraft(context, req.params.token)
    const step = open.listed.version.form.find((s) => s.id === req.params.step)
    if (!step) return next()
    if (open.draft.state !== 'draft') return res.redirect(303, `/soan/${open.token}/xong`)
    showStep(req, res, open, step, {})
  })

  /** While typing: keeps what is there without judging it. */
  router.post('/soan/:token/:step/tu-luu', (req, res) => {
    const open = openDraft(context, req.params.token)
    const step = open.listed.version.form.find((s) => s.id === req.params.step)
    if (!step) throw new Refusal(404, 'Không có bước này.', 'no such step')
    const at = now()
    if (!saveAnswers(store, open.draft.id, typedOf(step, req.body), { step: step.id, ok: undefined, at }))
      throw closed()
    res.json({ at })
  })

  router.post('/soan/:token/:step', async (req, res, next) => {
    const open = openDraft(context, req.params.token)
    const step = open.listed.version.form.find((s) => s.id === req.params.step)
    if (!step || step.shows === 'review') return next()
    let errors: Record<string, string> = {}
    let body: unknown = req.body
    if (step.shows === 'documents') ({ errors, body } = await takeFiles(req, open))
    const typed = typedOf(step, body)
    const checked = checkStep(step, { ...open.draft.answers, ...typed }, today()).errors
    const fresh = { ...open, uploads: uploadsOf(store, open.draft.id) }
    const goOn = (body as Record<string, unknown> | undefined)?.['di'] !== 'o-lai'
    if (goOn && step.shows === 'documents')
      for (const m of allMistakes(fresh, today())) if (m.step === step) errors[m.field] ??= m.error
    errors = { ...errors, ...checked }
    const ok = Object.keys(errors).length === 0
    if (!saveAnswers(store, open.draft.id, typed, { step: step.id, ok, at: now() })) throw closed()
    const after = openDraft(context, open.token)
    if ((body as Record<string, unknown> | undefined)?.['di'] === 'de-sau')
      return res.redirect(303, `/soan/${open.token}/de-sau`)
    if (!ok) return showStep(req, res.status(422), after, step, errors)
    const at = open.listed.version.form.indexOf(step)
    const target = goOn ? (open.listed.version.form[at + 1] ?? step) : step
    res.redirect(303, `/soan/${open.token}/${target.id}`)
  })

  async function takeFiles(req: Request, open: Open): Promise<{ errors: Record<string, string>; body: unknown }> {
    // Counted by what the sender announces, before anything is read: without a length it counts as the most.
    const announced = Math.min(Number(req.get('content-length') ?? maxAllBytes), maxAllBytes)
    const room = tally(store, `bytes ${req.ip}`, { now: now(), most: MAX_BYTES_PER_HOUR, by: announced })
    if (!room || keptBytes(store) > MAX_KEPT_BYTES) {
      req.resume()
      return {
        errors: {
          '': 'Cổng đang nhận quá nhiều tệp nên chưa nhận thêm. Hồ sơ đang soạn vẫn được giữ; làm tiếp sau một giờ.',
        },
        body: {},
      }
    }
    try {
      await using form = await readForm(req, {
        folder: `${folder}/taking`,
        mostFiles: MAX_FILES,
        mostFileBytes: MAX_FILE_BYTES,
        mostBytes: maxAllBytes,
      })
      const byDocument = await keepUploads(context, open.listed.version, open.draft, form.files)
      const errors = Object.fromEntries(Object.entries(byDocument).map(([id, why]) => [fileField(id), why]))
      return { errors, body: form.body }
    } catch (err) {
      if (!(err instanceof Refusal) || err.status !== 413) throw err
      return { errors: { '': err.advice }, body: {} }
    }
  }

  function showStep(req: Request, res: Response, open: Open, step: FormStep, errors: Record<string, string>): void {
    const { version } = open.listed
    const at = version.form.indexOf(step)
    const review = step.shows === 'review'
    show(res, review ? 'review' : 'step', {
      title: `Bước ${at + 1}: ${step.title}`,
      active: 'procedures',
      scripts: ['portal-form.js'],
      ...open,
      step,
      at,
      errors,
      mistakes: review ? allMistakes(open, today()) : [],
      fields: step.fields.map((f) => ({ ...f, asked: isAsked(f, open.draft.answers) })),
      rows: formRows(open.listed, open.draft, today()),
      deadlineWords,
      acceptWords,
      fileField,
      way: wayOf(version),
      maxFile: MAX_FILE_BYTES,
      maxAll: maxAllBytes,
      until: new Date(Date.parse(open.draft.changedAt) + DRAFT_DAYS * 86_400_000).toISOString(),
      fresh: req.query['tep'] === 'moi',
    })
  }
  return router
}

const closed = (): Refusal =>
  new Refusal(409, 'Hồ sơ này đã nộp nên không sửa được nữa. Xem hồ sơ ở trang Tra cứu.', 'draft is closed')
