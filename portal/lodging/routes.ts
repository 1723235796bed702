import { Router } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { pages } from '#kit/web/page.ts'
import { qrSvg } from '#kit/web/qr.ts'
import { deadlineWords, wayOf } from '../catalogue/procedures.ts'
import type { Context } from '../context.ts'
import { typedOf } from '../form/answers.ts'
import { allMistakes, openDraft } from '../form/routes.ts'
import { DONE_DAYS } from '../limits.ts'
import { newReference, newSecret } from '../reference.ts'
import { beginLodging, saveAnswers } from '../store/drafts.ts'

const { show } = pages(import.meta.dirname, 'portal')

/** Lodging: said only after the mail server's 250; a repeat of the same draft is the same lodging. */
export function lodgingRoutes(context: Context): Router {
  const { store, sender, now } = context
  const router = Router()

  router.post('/soan/:token/nop', async (req, res) => {
    const open = openDraft(context, req.params.token)
    const { version } = open.listed
    if (wayOf(version) !== 'lodge')
      throw new Refusal(409, version.whyNot ?? 'Thủ tục này không nộp trực tuyến.', 'not to be lodged here')
    if (open.draft.state === 'draft') {
      const review = version.form.at(-1)!
      const at = now()
      saveAnswers(store, open.draft.id, typedOf(review, req.body), { step: review.id, ok: undefined, at })
      const checked = openDraft(context, open.token)
      const mistakes = allMistakes(checked, localDate(at))
      if (mistakes.length > 0) return res.redirect(303, `/soan/${open.token}/${review.id}?thieu=1`)
      beginLodging(store, open.draft.id, { reference: newReference(), secret: newSecret(), at })
    }
    const state = await sender.lodge(open.draft.id)
    res.redirect(303, `/soan/${open.token}/${state === 'draft' ? version.form.at(-1)!.id : 'xong'}`)
  })

  router.get('/soan/:token/xong', async (req, res) => {
    const { draft, listed, token } = openDraft(context, req.params.token)
    if (draft.state === 'draft') return res.redirect(303, `/soan/${token}`)
    if (draft.state === 'sending') {
      sender.nudge()
      res.set('Refresh', '4')
      return show(res, 'sending', { title: 'Đang gửi hồ sơ', active: 'procedures', draft, listed })
    }
    const lookup = `${context.origin}/tra-cuu?ma=${draft.reference}`
    const agency = context.province.agencies.find((a) => a.id === listed.procedure.agency)!
    show(res, 'done', {
      title: 'Đã nộp hồ sơ',
      scripts: ['portal-form.js'],
      active: 'procedures',
      draft,
      listed,
      agency,
      lookup,
      qr: await qrSvg(lookup),
      days: DONE_DAYS,
      deadlineWords,
    })
  })

  return router
}
