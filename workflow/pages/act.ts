/** `POST /ho-so/<case>/<kind>`: an act's form becomes a command message, sent by the person through submission. */
import { readFile } from 'node:fs/promises'
import { type Response, Router } from 'express'
import type { Field } from '#kit/act/act.ts'
import { checkFields } from '#kit/act/fields.ts'
import { subsystem } from '#kit/log.ts'
import { submit } from '#kit/mail/submit.ts'
import { type Attachment, fileRef, writeCommand } from '#kit/message/write.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { type FormBody, formData } from '#kit/web/form.ts'
import { sessionOf } from '#kit/web/session.ts'
import { type ReadForm, readForm } from '#kit/web/upload.ts'
import { makeFacts } from '#workflow/worker/facts.ts'
import { type Draft, type Offer, type Opened, openCase, showCase } from './case.ts'
import { commandBodies } from './command-text.ts'
import { kindOf } from './files.ts'
import type { Given } from './given.ts'
import { outcomeOf } from './outcome.ts'
import { nameOf } from './viewer.ts'

/** base64 and line breaks make four octets of three, and a little; text and fields need the rest. */
const fileShareOfMessage = 0.7
const mostFiles = 20

const log = subsystem('desk:act')
/** Repeating is safe: the form's nonce is the Message-ID, and the register takes each once. */
const unsent =
  'Máy chủ thư chưa trả lời. Nội dung vừa nhập vẫn ở dưới đây; chọn lại tệp (nếu có) rồi bấm gửi lại, việc không thành hai lần.'

export function actRouter(given: Given): Router {
  const router = Router()
  router.post('/ho-so/:id/:kind', async (req, res) => {
    const opened = await openCase(given, res, req.params.id)
    const mostBytes = Math.floor(given.mostMessageBytes * fileShareOfMessage)
    await using form = await readForm(req, { folder: given.uploads, mostFiles, mostFileBytes: mostBytes, mostBytes })
    const nonce = String(form.body['nonce'] ?? '')
    if (!/^[0-9a-f-]{36}$/.test(nonce))
      throw new Refusal(400, 'Trang này mở quá lâu hoặc bị sửa nên chưa gửi. Tải lại trang rồi làm lại.', 'no nonce')
    const domain = opened.viewer.person.address.slice(opened.viewer.person.address.indexOf('@') + 1)
    const command = `${nonce}@${domain}`
    const book = given.registers.of(opened.viewer.register)
    // a repeat after the answer was lost: the earlier outcome
    const earlier = book.entryOf(command)
    if (earlier) return res.redirect(303, `/ho-so/${opened.row.case}?xong=${earlier.seq}`)
    const offer = opened.offers.find((o) => o.act.kind === req.params.kind)
    if (!offer)
      throw new Refusal(
        409,
        `Hồ sơ đã chuyển sang “${opened.row.stateName}” nên việc này không còn làm được. Mở lại hồ sơ để xem thay đổi.`,
        `${req.params.kind} is not offered to ${opened.viewer.person.address} in ${opened.row.case}`,
      )
    const prepared = await prepare(given, opened, offer, form)
    if ('draft' in prepared) return again(given, res, opened, { ...prepared.draft, nonce })
    try {
      await send(given, res, { opened, offer, command, ...prepared, saw: form.body['saw'] })
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) throw error // the sign-in comes first
      log.warn({ err: error, ref: res.locals['ref'], command }, 'a command was not sent')
      return again(given, res, opened, {
        kind: offer.act.kind,
        nonce,
        values: formData(offer.act.fields, form.body as FormBody),
        errors: { '': error instanceof Refusal ? error.advice : unsent },
      })
    }
    const outcome = await outcomeOf(given, book, { register: opened.viewer.register, command })
    const said = outcome.is === 'done' ? `xong=${outcome.seq}` : `lenh=${encodeURIComponent(command)}`
    res.redirect(303, `/ho-so/${opened.row.case}?${said}`)
  })
  return router
}

function again(given: Given, res: Response, opened: Opened, draft: Draft): void {
  res.status(422)
  showCase(given, res, opened, { act: draft.kind, file: '', done: undefined, under: false, refused: undefined, draft })
}

type Prepared = { data: Record<string, unknown>; files: Attachment[] } | { draft: Omit<Draft, 'nonce'> }

/** Checks the form as the worker will, and tries the act, so that what it would refuse is said beside its field now. */
async function prepare(given: Given, opened: Opened, { act, turn }: Offer, form: ReadForm): Promise<Prepared> {
  const { viewer, state } = opened
  const now = given.now().toISOString()
  const typed = formData(act.fields, form.body as FormBody)
  const files: Attachment[] = []
  for (const f of form.files) files.push(attachment(f, await readFile(f.path)))
  const refs = files.map(fileRef)
  const facts = makeFacts({
    agency: viewer.agency,
    accounts: viewer.accounts,
    procedures: [],
    calendar: given.calendar,
    now,
    last: () => 0,
  })
  const fail = (refusal: { refused: string; fields?: Record<string, string> }): Prepared => ({
    draft: { kind: act.kind, values: typed, errors: refusal.fields ?? { '': refusal.refused } },
  })
  const saw = Number(form.body['saw'])
  const news = state.history.filter((s) => s.seq > saw).map((s) => `${s.text} (${s.person})`)
  if (act.stale === 'refuse' && !(saw >= opened.row.changed))
    return fail({
      refused: `Hồ sơ đã thay đổi từ lúc mở trang: ${news.join('; ') || 'mở lại để xem'}. Chưa gửi gì; xem lại rồi gửi.`,
    })
  const checked = checkFields(act.fields, typed, { today: localDate(now), files: refs, party: facts.fieldParty })
  if ('refused' in checked) return fail(checked)
  const tried = act.decide(
    state,
    {
      id: 'trial',
      kind: act.kind,
      v: act.v,
      case: state.id,
      saw: state.seq,
      actor: {
        person: viewer.person.address,
        name: viewer.person.name,
        ...(turn.party === viewer.person.address ? {} : { office: turn.party, officeName: nameOf(viewer, turn.party) }),
      },
      receivedAt: now,
      data: checked.data,
      files: refs,
    },
    facts,
  )
  if ('refused' in tried) return fail(tried)
  const { data } = checked
  return { data: withoutFiles(act.fields, data), files }
}

/** Files are named by the command itself, not in its data. */
function withoutFiles(fields: readonly Field[], data: Record<string, unknown>): Record<string, unknown> {
  const files = new Set(fields.filter((f) => f.kind === 'files').map((f) => f.name))
  return Object.fromEntries(Object.entries(data).filter(([name]) => !files.has(name)))
}

const byEnding: Record<string, string> = {
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

/** The type by the octets where they tell; Office files by their ending, since not every machine names their type. */
function attachment(file: { name: string; type: string }, content: Buffer): Attachment {
  const seen = kindOf(content)
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
  const packed = content.subarray(0, 4).toString('latin1')
  const office = packed === 'PK\u0003\u0004' || packed === '\u00d0\u00cf\u0011\u00e0' ? byEnding[ending] : undefined
  const claimed =
    file.type === 'application/pdf' || file.type.startsWith('image/') ? 'application/octet-stream' : file.type
  return { name: file.name, type: seen.preview === 'none' ? (office ?? claimed) : seen.type, content }
}

async function send(
  given: Given,
  res: Response,
  what: {
    opened: Opened
    offer: Offer
    command: string
    data: Record<string, unknown>
    files: Attachment[]
    saw: string | string[] | undefined
  },
): Promise<void> {
  const { opened, offer, command } = what
  const { viewer, row } = opened
  const session = sessionOf(res)
  const me = { address: viewer.person.address, name: viewer.person.name }
  const office = offer.turn.party === me.address ? undefined : offer.turn.party
  const saw = Number(what.saw)
  const raw = await writeCommand(
    {
      from: office ? { address: office, name: nameOf(viewer, office) } : me,
      ...(office ? { sender: me } : {}),
      to: [{ address: viewer.register, name: nameOf(viewer, viewer.register) }],
      subject: `[${row.code ?? row.case}] ${offer.act.verb}: ${row.title}`,
      messageId: command,
      date: given.now(),
    },
    commandBodies(viewer, row, offer.act, what.data, what.files),
    {
      kind: offer.act.kind,
      v: offer.act.v,
      case: row.case,
      saw: Number.isInteger(saw) && saw >= 0 ? saw : row.seq,
      data: what.data,
    },
    what.files,
  )
  await submit(given.submission(session), { from: office ?? me.address, to: [viewer.register], raw })
}
