/**
 * Trả kết quả: the clerk issues the approved document (number in Sổ đăng ký văn bản đi, NĐ 30/2020 Đ.15) and mails it to the
 * citizen. Only what a leader approved can be issued (Đ.32: signed first, sealed after). States 9 → 10.
 */
import type { Act, FileRef } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, record } from './case.ts'
import { citizenFacts, day, portalCopy, staffFacts, subject } from './words.ts'

type Asked = { note?: string }
type Issued = {
  year: number
  n: number
  number: string
  date: string
  series: string
  signer: string
  documents: FileRef[]
  note: string
}

const issue: Act<Asked, Issued, Case> = {
  kind: 'dossier.issue',
  v: 1,
  title: 'Phát hành và trả kết quả',
  verb: 'Trả kết quả',
  icon: 'mail-forward',
  by: 'party',
  stale: 'refuse',
  fields: [
    {
      name: 'documents',
      label: 'Bản phát hành',
      help: 'Bản đã ký, đóng dấu. Để trống: gửi tệp lãnh đạo đã duyệt.',
      required: false,
      kind: 'files',
      accept: ['application/pdf'],
      max: 5,
    },
    { name: 'note', label: 'Lời nhắn cho người nộp', required: false, kind: 'text', max: 1000, lines: 3 },
  ],
  reply: {
    word: 'PHÁT HÀNH',
    also: ['TRẢ KẾT QUẢ'],
    takes: [{ field: 'note' }],
    example: 'PHÁT HÀNH (hoặc TRẢ KẾT QUẢ)',
  },
  turns: (state) => holderTurns(state, 'dossier.issue'),

  decide(state, { data, files }, facts) {
    if (!state?.approved || !state.proposal) return { refused: 'Kết quả chưa được lãnh đạo duyệt.' }
    const year = Number(facts.today.slice(0, 4))
    const n = facts.next('outgoing')
    return {
      event: {
        year,
        n,
        // n < 10 is printed with a leading zero (NĐ 30/2020 PL I)
        number: `${String(n).padStart(2, '0')}/GP-${state.agency.abbreviation}`,
        date: facts.today,
        series: `outgoing:${year}`,
        signer: state.approved.by.name,
        documents: files.length > 0 ? files : state.proposal.files,
        note: data.note?.trim() ?? '',
      },
    }
  },

  apply(state, event) {
    const { turn: _ended, ...before } = state as Case
    const { year, n, number, date, series, signer, documents, note } = event.data
    const change: Partial<Case> = {
      outer: 10,
      numbers: [...before.numbers, { series, n }],
      issued: { year, n, number, date, signer, files: documents, at: event.at },
    }
    return record(before, event, change, {
      text: `Phát hành số ${number}, trả kết quả qua thư điện tử`,
      publicText: `Trả kết quả số ${number} qua thư điện tử`,
      ...(note ? { note } : {}),
    })
  },

  say: (_state, { actor, data }) => `Phát hành số ${data.number}, trả kết quả qua thư điện tử (${actedBy(actor)})`,

  tell(state, { data }) {
    const attach = data.documents.map((f) => f.sha256)
    const staff = [state.officer?.address, state.forwarded?.to.address].filter((a) => a !== undefined)
    return [
      {
        to: [state.applicant.email],
        subject: subject(state, 'Trả kết quả'),
        paragraphs: [
          `Hồ sơ của Ông/Bà đã có kết quả: ${state.procedure.result}, số ${data.number} ngày ${day(data.date)}.`,
          'Kết quả gửi kèm thư này và tải được trên Cổng dịch vụ công.',
          ...(data.note ? [data.note] : []),
        ],
        facts: [...citizenFacts(state), ['Kết quả', state.onTime === false ? 'Quá hạn' : 'Đúng hạn']],
        attach,
        audience: 'citizen',
      },
      ...(staff.length > 0
        ? [
            {
              to: staff,
              subject: subject(state, 'Để biết, đã trả kết quả'),
              paragraphs: [`Đã phát hành số ${data.number} và gửi cho người nộp. Thư này để biết, không cần trả lời.`],
              facts: staffFacts(state),
              attach,
              audience: 'staff' as const,
            },
          ]
        : []),
      portalCopy(state, { attach }),
    ]
  },
}

export default issue
