import { Router } from 'express'
import { complaintPdf } from '#kit/pdf/complaint.ts'
import { declarationPdf } from '#kit/pdf/declaration.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { wayOf } from '../catalogue/procedures.ts'
import type { Context } from '../context.ts'
import { formRows } from '../lodging/command.ts'
import { allMistakes, type Open, openDraft } from './routes.ts'

/** Papers that the portal prints from the answers, for the citizen to sign. A draft with mistakes goes to the first one. */
export function paperRoutes(context: Context): Router {
  const { now, province } = context
  const router = Router()
  const agencyOf = (open: Open) => province.agencies.find((a) => a.id === open.listed.procedure.agency)!

  router.get('/soan/:token/don.pdf', async (req, res) => {
    const open = openDraft(context, req.params.token)
    if (wayOf(open.listed.version) !== 'write') throw new Refusal(404, 'Thủ tục này không có đơn để in.', 'no letter')
    const today = localDate(now())
    const [first] = allMistakes(open, today)
    if (first) return res.redirect(303, `/soan/${open.token}/${first.step.id}`)
    const agency = agencyOf(open)
    const rows = formRows(open.listed, open.draft, today)
    const value = (name: string): string => rows.find((r) => r.name === name)?.value ?? ''
    const pdf = await complaintPdf({ agency: agency.name, place: agency.place, date: now(), value })
    res.set('Content-Disposition', 'attachment; filename="don-khieu-nai.pdf"').type('application/pdf').send(pdf)
  })

  router.get('/soan/:token/to-khai.pdf', async (req, res) => {
    const open = openDraft(context, req.params.token)
    const { procedure, version } = open.listed
    if (open.draft.state !== 'draft' || !version.documents.some((d) => d.fromForm))
      throw new Refusal(404, 'Không có tờ khai để in.', 'no declaration')
    const today = localDate(now())
    const questions = version.form.filter((s) => !s.shows)
    const missing = allMistakes(open, today).find((m) => questions.includes(m.step))
    if (missing) return res.redirect(303, `/soan/${open.token}/${missing.step.id}`)
    const agency = agencyOf(open)
    const rows = formRows(open.listed, open.draft, today)
    const pdf = await declarationPdf({
      applicant: rows.find((r) => r.name === version.applicant?.name)?.value ?? '',
      place: agency.place,
      agency: agency.name,
      procedure: procedure.name,
      sections: questions.map((s) => ({ title: s.title, rows: rows.filter((r) => r.group === s.title) })),
      promise: version.form.flatMap((s) => s.fields).find((f) => f.kind === 'yes')?.statement ?? '',
      draft: open.draft.label,
      at: now(),
    })
    res.set('Content-Disposition', 'attachment; filename="to-khai.pdf"').type('application/pdf').send(pdf)
  })
  return router
}
