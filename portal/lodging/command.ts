import { readFile } from 'node:fs/promises'
import type { AgencyData, Province } from '#config/province.ts'
import { type Attachment, writeCommand } from '#kit/message/write.ts'
import { localDate, moment } from '#kit/vi/dates.ts'
import { size } from '#kit/vi/words.ts'
import type { Listed } from '../catalogue/procedures.ts'
import { checkStep, isAsked } from '../form/answers.ts'
import { hashSecret } from '../reference.ts'
import type { Draft, Upload } from '../store/drafts.ts'
import { markup } from './markup.ts'

/** What the portal sends to lodge: `dossier.lodge` version 1, whose data part acts/dossier/lodging.ts reads. */
export const LODGE = { kind: 'dossier.lodge', v: 1 } as const

/** One Message-ID for each draft, for ever: however often it is sent, it is one command. */
export const commandId = (draft: Pick<Draft, 'id'>, domain: string): string => `nop-${draft.id.toLowerCase()}@${domain}`

type Row = { name: string; label: string; value: string; group: string }

/** The asked answers in the order of the form, as people read them. Only for a draft that passed every check. */
export function formRows(listed: Listed, draft: Draft, today: string): Row[] {
  return listed.version.form.flatMap((step) => {
    const { values } = checkStep(step, draft.answers, today)
    return step.fields
      .filter((f) => isAsked(f, draft.answers) && (values.get(f.name) ?? '') !== '')
      .map((f) => ({ name: f.name, label: f.label, value: values.get(f.name)!, group: step.title }))
  })
}

/**
 * The lodging message of a frozen draft: the same octets every time, since all that varies is in the draft.
 * @returns the message and to whom it goes
 */
export async function lodgingMessage(
  province: Province,
  listed: Listed,
  draft: Draft,
  uploads: readonly Upload[],
): Promise<{ raw: Buffer; from: string; to: string }> {
  const { procedure, version } = listed
  const agency = province.agencies.find((a) => a.id === procedure.agency)!
  const [reference, secret, lodgedAt] = [draft.reference!, draft.secret!, draft.lodgedAt!]
  const rows = formRows(listed, draft, localDate(lodgedAt))
  const value = (name: string): string => rows.find((r) => r.name === name)?.value ?? ''
  const roles = version.applicant!
  const applicant = {
    kind: roles.kind,
    name: value(roles.name),
    idNumber: value(roles.idNumber),
    email: value(roles.email),
    phone: value(roles.phone),
    address: value(roles.address),
  }
  const files: Attachment[] = []
  const documents = []
  const attached = new Set<string>()
  for (const d of version.documents) {
    const own = uploads.filter((u) => u.document === d.id)
    if (own.length === 0) continue
    documents.push({ id: d.id, name: d.name, files: own.map((u) => u.sha256) })
    for (const u of own) {
      if (attached.has(u.sha256)) continue // the same scan for two papers travels once
      attached.add(u.sha256)
      files.push({ name: u.name, type: u.type, content: await readFile(u.path) })
    }
  }
  const raw = await writeCommand(
    {
      from: { address: province.portal, name: `Cổng dịch vụ công ${province.name}` },
      to: [{ address: agency.register, name: officeName(agency) }],
      subject: `[${reference}] Nộp hồ sơ: ${procedure.name}`,
      messageId: commandId(draft, province.domain),
      date: new Date(lodgedAt),
    },
    letter(procedure.name, reference, lodgedAt, rows, documents, uploads),
    {
      ...LODGE,
      case: reference,
      saw: 0,
      data: {
        secretHash: hashSecret(secret)!,
        procedure: { code: procedure.code, version: version.version, name: procedure.name },
        applicant,
        values: rows,
        documents,
      },
    },
    files,
  )
  return { raw, from: province.portal, to: agency.register }
}

const officeName = (agency: AgencyData): string =>
  agency.offices.find((o) => o.address === agency.register)?.name ?? agency.name

/** The same for people, readable in any mail program. */
function letter(
  procedure: string,
  reference: string,
  lodgedAt: string,
  rows: readonly Row[],
  documents: readonly { name: string; files: readonly string[] }[],
  uploads: readonly Upload[],
): { text: string; html: string } {
  const groups = [...new Set(rows.map((r) => r.group))].map((title) => ({
    title,
    rows: rows.filter((r) => r.group === title),
  }))
  const papers = documents.map((d) => ({
    name: d.name,
    files: uploads.filter((u) => d.files.includes(u.sha256)).map((u) => `${u.name} (${size(u.size)})`),
  }))
  const head = `Hồ sơ nộp trực tuyến lúc ${moment(lodgedAt)}. Số nộp ${reference}.`
  const text = [
    procedure,
    head,
    ...groups.flatMap((g) => ['', g.title, ...g.rows.map((r) => `- ${r.label}: ${r.value.replaceAll('\n', '\n  ')}`)]),
    '',
    'Giấy tờ kèm theo',
    ...papers.map((p) => `- ${p.name}: ${p.files.join('; ')}`),
    '',
  ].join('\n')
  const html = [
    `<h2>${markup(procedure)}</h2><p>${markup(head)}</p>`,
    ...groups.map(
      (g) =>
        `<h3>${markup(g.title)}</h3><table>${g.rows
          .map((r) => `<tr><td>${markup(r.label)}</td><td>${markup(r.value).replaceAll('\n', '<br>')}</td></tr>`)
          .join('')}</table>`,
    ),
    `<h3>Giấy tờ kèm theo</h3><ul>${papers.map((p) => `<li>${markup(p.name)}: ${markup(p.files.join('; '))}</li>`).join('')}</ul>`,
  ].join('\n')
  return { text, html }
}
