/** Nộp hồ sơ: the portal's command makes the case. State 1, nothing numbered yet (design §5, domain §3.2). */
import type { Act, FileRef } from '#kit/act/act.ts'
import { type Case, type CaseDocument, type Party, record } from './case.ts'
import { type Lodging, readLodging } from './lodging.ts'
import { formFacts, lodgedFiles, portalCopy, staffFacts, subject } from './words.ts'

type Lodged = Omit<Lodging, 'procedure' | 'documents'> & {
  agency: Case['agency']
  offices: Case['offices']
  procedure: Case['procedure']
  documents: CaseDocument[]
  /** when the clerk must have looked at it: the next working day (NĐ 30/2020 Đ.22) */
  clerkDue: string
}

const lodge: Act<Lodging, Lodged, Case> = {
  kind: 'dossier.lodge',
  v: 1,
  title: 'Nộp hồ sơ trực tuyến',
  verb: 'Nộp hồ sơ',
  icon: 'file-import',
  by: 'portal',
  stale: 'refuse',
  fields: [],
  read: readLodging,
  turns: () => [],

  decide(state, { case: id, data, files, receivedAt }, facts) {
    if (state) return { refused: `Số nộp ${id} đã có hồ sơ.` }
    if (!/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$/.test(id)) return { refused: `Số nộp "${id}" sai mẫu.` }
    const procedure = facts.procedure(data.procedure.code, data.procedure.version)
    if (!procedure)
      return { refused: `Không có thủ tục ${data.procedure.code}, phiên bản ${data.procedure.version} ở cơ quan này.` }
    const party = (role: 'clerk' | 'leader'): Party | undefined => {
      const address = facts.office(role)
      return address ? { address, name: nameOf(address, facts.accounts) } : undefined
    }
    const clerk = party('clerk')
    const leader = party('leader')
    if (!clerk || !leader) return { refused: 'Cơ quan chưa có Bộ phận Một cửa hoặc lãnh đạo để nhận hồ sơ.' }
    const byHash = new Map(files.map((f) => [f.sha256, f]))
    const documents: CaseDocument[] = []
    for (const d of data.documents) {
      const kept: FileRef[] = []
      for (const sha256 of d.files) {
        const file = byHash.get(sha256)
        if (!file) return { refused: `Thiếu tệp của giấy tờ "${d.name}" trong thư nộp hồ sơ.` }
        kept.push(file)
      }
      documents.push({ id: d.id, name: d.name, files: kept })
    }
    const { id: agencyId, code, name, abbreviation, parentName } = facts.agency
    return {
      event: {
        ...data,
        agency: { id: agencyId, code, name, abbreviation, ...(parentName ? { parentName } : {}) },
        offices: { clerk, leader },
        procedure: {
          code: procedure.code,
          version: procedure.version,
          name: procedure.name,
          result: procedure.result,
          fee: procedure.fee,
          deadline: procedure.deadline,
          documents: procedure.documents.map((d) => ({ ...d })),
        },
        documents,
        clerkDue: facts.addDeadline(receivedAt, 1, 'workingDay'),
      },
    }
  },

  apply(_state, event) {
    const { data } = event
    const fresh: Case = {
      id: event.case,
      ledger: event.ledger,
      seq: event.seq,
      changed: event.seq,
      agency: data.agency,
      portal: event.actor.person,
      offices: data.offices,
      procedure: data.procedure,
      applicant: data.applicant,
      secretHash: data.secretHash,
      values: data.values,
      documents: data.documents,
      files: [],
      outer: 1,
      numbers: [],
      lodgedAt: event.receivedAt,
      history: [],
      turn: {
        party: data.offices.clerk,
        acts: ['dossier.receive', 'dossier.reject'],
        since: event.at,
        seq: event.seq,
        due: data.clerkDue,
      },
    }
    return record(fresh, event, {}, { text: say(fresh), publicText: 'Nộp hồ sơ trực tuyến' })
  },

  say,

  // The acknowledgement to the citizen carries the lookup secret, which only the portal knows: the portal sends it.
  tell: (state) => [
    {
      to: [state.offices.clerk.address],
      subject: subject(state, 'Hồ sơ mới nộp'),
      paragraphs: [
        'Kiểm tra thành phần hồ sơ dưới đây, rồi tiếp nhận hoặc từ chối.',
        'Tiếp nhận sẽ cấp mã hồ sơ, số đến và gửi giấy hẹn cho người nộp; thời hạn giải quyết tính từ lúc tiếp nhận.',
      ],
      facts: [...staffFacts(state), ...formFacts(state)],
      attach: lodgedFiles(state),
      asks: ['dossier.receive', 'dossier.reject'],
      audience: 'staff',
    },
    portalCopy(state),
  ],
}

function say(state: Case): string {
  return `${state.applicant.name} nộp hồ sơ trực tuyến`
}

function nameOf(address: string, accounts: readonly { address: string; name: string }[]): string {
  return accounts.find((a) => a.address === address)?.name ?? address
}

export default lodge
