/**
 * Tiếp nhận: mã hồ sơ (TT 01/2018/TT-VPCP Đ.19: unit code, date, ordinal of that day), số đến (NĐ 30/2020 Đ.22), the hẹn trả
 * by the procedure's deadline, and the Giấy tiếp nhận hồ sơ và hẹn trả kết quả to the citizen. The clock starts.
 */
import type { Act } from '#kit/act/act.ts'
import { actedBy, type Case, holderTurns, record } from './case.ts'
import { citizenFacts, deadlineText, issuerOf, lodgedFiles, moment, portalCopy, staffFacts, subject } from './words.ts'

type Received = {
  code: string
  numbers: { series: string; n: number }[]
  arrival: { year: number; n: number }
  due: string
  clerkDue: string
  place: string
  receivedBy: string
}

const receive: Act<Record<string, never>, Received, Case> = {
  kind: 'dossier.receive',
  v: 1,
  title: 'Tiếp nhận hồ sơ',
  verb: 'Tiếp nhận',
  icon: 'check',
  by: 'party',
  stale: 'refuse',
  fields: [],
  reply: { word: 'TIẾP NHẬN', takes: [], example: 'TIẾP NHẬN' },
  turns: (state) => holderTurns(state, 'dossier.receive'),

  decide(state, { receivedAt, actor }, facts) {
    if (!state) return { refused: 'Chưa có hồ sơ này.' }
    const day = facts.today.slice(2).replaceAll('-', '')
    const year = Number(facts.today.slice(0, 4))
    const ordinal = facts.next(`dossier:${day}`)
    const n = facts.next('arrival')
    const { amount, unit } = state.procedure.deadline
    return {
      event: {
        code: `${state.agency.code}-${day}-${String(ordinal).padStart(4, '0')}`,
        numbers: [
          { series: `dossier:${day}`, n: ordinal },
          { series: `arrival:${year}`, n },
        ],
        arrival: { year, n },
        due: facts.addDeadline(receivedAt, amount, unit),
        clerkDue: facts.addDeadline(receivedAt, 1, 'workingDay'),
        place: facts.agency.place,
        receivedBy: actor.name,
      },
    }
  },

  apply(state, event) {
    const before = state as Case
    const { data } = event
    const change: Partial<Case> = {
      outer: 2,
      code: data.code,
      numbers: [...before.numbers, ...data.numbers],
      arrival: { ...data.arrival, at: event.at },
      receivedAt: event.receivedAt,
      due: data.due,
      turn: {
        party: before.offices.clerk,
        acts: ['dossier.forward'],
        since: event.at,
        seq: event.seq,
        due: data.clerkDue,
      },
    }
    const publicText = `Tiếp nhận hồ sơ, hẹn trả kết quả ${moment(data.due)}`
    return record(before, event, change, { text: sentence({ ...before, ...change }), publicText })
  },

  say: (state, event) => `${sentence(state)} (${actedBy(event.actor)})`,

  tell(state, event) {
    const print = [
      { document: 'receipt' as const, name: `Giay-tiep-nhan-${state.code}.pdf`, data: receipt(state, event.data) },
    ]
    return [
      {
        to: [state.applicant.email],
        subject: subject(state, 'Giấy tiếp nhận hồ sơ và hẹn trả kết quả'),
        paragraphs: [
          `Hồ sơ của Ông/Bà đã được tiếp nhận. Kết quả hẹn trả lúc ${moment(event.data.due)}.`,
          'Giấy tiếp nhận hồ sơ và hẹn trả kết quả gửi kèm thư này. Ông/Bà theo dõi hồ sơ trên Cổng dịch vụ công bằng số nộp (hoặc mã hồ sơ) và mã tra cứu đã nhận khi nộp.',
        ],
        facts: citizenFacts(state),
        print,
        audience: 'citizen',
      },
      {
        to: [state.offices.clerk.address],
        subject: subject(state, 'Đã tiếp nhận, chờ chuyển'),
        paragraphs: [
          `Đã vào sổ văn bản đến, số ${state.arrival?.n}. Chuyển hồ sơ cho phòng chuyên môn trong ngày, chậm nhất ngày làm việc tiếp theo.`,
        ],
        facts: staffFacts(state),
        attach: lodgedFiles(state),
        asks: ['dossier.forward'],
        audience: 'staff',
      },
      portalCopy(state, { print }),
    ]
  },
}

function sentence(state: Case): string {
  return `Tiếp nhận, cấp mã hồ sơ ${state.code}, số đến ${state.arrival?.n}`
}

/** Giấy tiếp nhận (TT 03/2025/TT-VPCP mẫu 01; domain §3.3), as `kit/pdf/receipt.ts` wants it; the worker adds the lookup address. */
function receipt(state: Case, event: Received): Record<string, unknown> {
  return {
    issuer: issuerOf(state, event.place),
    code: state.code,
    applicant: state.applicant,
    procedure: state.procedure.name,
    documents: state.documents
      .filter((d) => d.files.length > 0)
      .map((d) => ({ name: d.name, kind: 'Bản điện tử', count: d.files.length })),
    deadline: deadlineText(state.procedure.deadline),
    receivedAt: state.receivedAt,
    dueAt: state.due,
    resultAt: `Thư điện tử ${state.applicant.email}`,
    fee: state.procedure.fee,
    clerk: event.receivedBy,
  }
}

export default receive
