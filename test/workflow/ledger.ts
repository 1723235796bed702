/**
 * A register without mail around it: the real acts, the real checks, a real projection in a temporary folder, and a list
 * in place of the ledger mailbox. What the tests of acts, checks and projections stand on.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadProvince } from '#config/load.ts'
import type { FileRef } from '#kit/act/act.ts'
import { loadActs, type Registry } from '#kit/act/registry.ts'
import type { Account, Agency, Grant } from '#kit/directory/calls.ts'
import { eventText } from '#kit/message/data.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { linkOf } from '#workflow/projection/files.ts'
import { type Entry, Projection } from '#workflow/projection/projection.ts'
import { ProjectionReader } from '#workflow/projection/reader.ts'
import type { Signer } from '#workflow/worker/actor.ts'
import { type Asking, type Decided, decideCommand } from '#workflow/worker/decide.ts'
import { makeFacts } from '#workflow/worker/facts.ts'

export const province = loadProvince(resolve(import.meta.dirname, '../../config/provinces/haiduong'))
export const register = 'so.stttt@haiduong.gov.vn'
export const clerk = 'motcua.stttt@haiduong.gov.vn'
export const leader = 'lanhdao.stttt@haiduong.gov.vn'
export const head = 'phongbcxb.stttt@haiduong.gov.vn'
export const people = {
  clerk: 'ha.tran@haiduong.gov.vn',
  leader: 'minh.le@haiduong.gov.vn',
  head: 'lan.pham@haiduong.gov.vn',
  officer: 'an.nguyen@haiduong.gov.vn',
}

export function fileRef(name: string, content = name, type = 'application/pdf'): FileRef {
  return { name, type, size: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') }
}

const agencyData = province.agencies.find((a) => a.id === 'stttt')!
export const agency: Agency = {
  id: agencyData.id,
  code: agencyData.code,
  name: agencyData.name,
  ...(agencyData.parentName ? { parentName: agencyData.parentName } : {}),
  abbreviation: agencyData.abbreviation,
  register: agencyData.register,
  place: agencyData.place,
  address: agencyData.address,
  departments: agencyData.departments,
  from: agencyData.from,
}
export const accounts: Account[] = [
  ...agencyData.offices.map(
    (o): Account => ({
      address: o.address,
      kind: o.role === 'register' ? 'register' : 'office',
      name: o.name,
      agency: 'stttt',
      role: o.role,
      ...(o.department ? { department: o.department } : {}),
      used: 0,
      disabled: false,
      from: o.from,
    }),
  ),
  ...province.people
    .filter((p) => p.agency === 'stttt')
    .map(
      (p): Account => ({
        address: p.address,
        kind: 'person',
        name: p.name,
        agency: 'stttt',
        title: p.title,
        used: 0,
        disabled: false,
        from: p.from,
      }),
    ),
]

export function lodging(files: readonly FileRef[] = [fileRef('to-khai.pdf')]) {
  return {
    secretHash: createHash('sha256').update('bí mật').digest('hex'),
    procedure: { code: '1.009374', version: 1, name: 'Cấp giấy phép xuất bản bản tin' },
    applicant: {
      kind: 'business',
      name: 'Công ty TNHH In Thành Đông',
      idNumber: '0800123456',
      email: 'hop.thu@indongthanh.example',
      phone: '0220 3840 123',
      address: 'Số 5 Trần Phú, thành phố Hải Dương',
    },
    values: [{ name: 'tenBanTin', label: 'Tên gọi bản tin', value: 'Bản tin Đông Thành' }],
    documents: [{ id: 'toKhai', name: 'Tờ khai', files: files.map((f) => f.sha256) }],
  }
}

export class TestLedger implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'congso-projection-'))
  readonly registry: Registry
  readonly projection: Projection
  readonly entries: Entry[] = []
  /** Thursday 26 November 2026, 09:00 in Vietnam, unless a test moves it */
  now = '2026-11-26T02:00:00Z'
  #ids = 0
  readonly grants = new Map<string, string>([
    [people.clerk, clerk],
    [people.leader, leader],
    [people.head, head],
  ])

  constructor(registry: Registry) {
    this.registry = registry
    this.projection = Projection.open(linkOf(this.folder, register), registry, register)
  }
  static async open(dir = resolve(import.meta.dirname, '../../acts')): Promise<TestLedger> {
    return new TestLedger(await loadActs(dir))
  }

  reader(): ProjectionReader {
    return new ProjectionReader(this.folder, register)
  }

  decide(given: Partial<Asking> & { kind: string; case: string }): Promise<Decided> {
    const asking: Asking = {
      id: `c${++this.#ids}@test`,
      receivedAt: this.now,
      signer: { is: 'timer' },
      v: 1,
      saw: this.projection.head().seq,
      data: {},
      files: [],
      ...given,
    }
    return decideCommand(asking, {
      ledger: register,
      registry: this.registry,
      projection: this.projection,
      directory: { 'directory.holds': async ({ person, office }) => this.#holds(person, office) },
      accounts,
      now: this.now,
      facts: makeFacts({
        agency,
        accounts,
        procedures: province.procedures,
        calendar: calendar(province.holidays, province.workingSwaps),
        now: this.now,
        last: (series) => this.projection.last(series),
      }),
    })
  }

  /** Decides, and puts the event into the ledger and the projection. @throws when it was refused */
  async act(given: Partial<Asking> & { kind: string; case: string }) {
    const decided = await this.decide(given)
    if (decided.is === 'refused') throw new Error(`refused: ${decided.advice} (${decided.why})`)
    const entry = { seq: decided.event.seq, data: eventText(decided.event), messageId: `e${decided.event.seq}@test` }
    this.entries.push(entry)
    this.projection.apply([entry])
    const state = this.projection.state(given.case)!.state
    return { event: decided.event, state, letters: decided.act.tell(state, decided.event) }
  }

  /** The whole flow up to and including `last`. */
  async story(id: string, last: string): Promise<void> {
    for (const step of flow(id)) {
      await this.act(step)
      if (step.kind === `dossier.${last}`) return
    }
  }

  #holds(person: string, office: string): { grant?: Grant } {
    if (this.grants.get(person) !== office) return {}
    return {
      grant: { grant: `g-${person}`, person, office, rights: ['read', 'act', 'send'], from: '2016-01-01T00:00:00Z' },
    }
  }

  [Symbol.dispose](): void {
    this.projection[Symbol.dispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export const signed = (person: string): Signer => ({
  is: 'person',
  actor: { person, name: accounts.find((a) => a.address === person)?.name ?? person },
})
export const portal: Signer = { is: 'portal', actor: { person: province.portal, name: 'Cổng dịch vụ công' } }

/** The story of issue 3: lodge, receive, forward, assign, propose, return, propose, approve, issue. */
export function flow(id: string): (Partial<Asking> & { kind: string; case: string })[] {
  const draft = fileRef('giay-phep.pdf')
  return [
    { kind: 'dossier.lodge', case: id, saw: 0, signer: portal, data: lodging(), files: [fileRef('to-khai.pdf')] },
    { kind: 'dossier.receive', case: id, signer: signed(people.clerk) },
    {
      kind: 'dossier.forward',
      case: id,
      signer: signed(people.clerk),
      data: { to: head, due: '2026-12-04', instruction: 'Thẩm định tờ khai.' },
    },
    { kind: 'dossier.assign', case: id, signer: signed(people.head), data: { to: people.officer } },
    {
      kind: 'dossier.propose',
      case: id,
      signer: signed(people.officer),
      data: { opinion: 'Đủ điều kiện.' },
      files: [draft],
    },
    { kind: 'dossier.return', case: id, signer: signed(people.leader), data: { reason: 'Sửa tên gọi.' } },
    {
      kind: 'dossier.propose',
      case: id,
      signer: signed(people.officer),
      data: { opinion: 'Đã sửa.' },
      files: [fileRef('giay-phep-2.pdf')],
    },
    { kind: 'dossier.approve', case: id, signer: signed(people.leader) },
    { kind: 'dossier.issue', case: id, signer: signed(people.clerk) },
  ]
}
