/** Applications from lodging to the clerk's worklist: commands as the portal sends them, until the register shows them all. */
import { paths, ports } from '#config/settings.ts'
import { submit } from '#kit/mail/submit.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { fileRef, writeCommand } from '#kit/message/write.ts'
import { newReference } from '#portal/reference.ts'
import type { TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { clerk, lodging, province, register } from '#test/workflow/ledger.ts'
import { ProjectionReader } from '#workflow/projection/reader.ts'
import type { Line } from './table.ts'

const most = 300
const warmUp = 20
const atOnce = 8
const file = { name: 'to-khai.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7\n%%EOF\n') }

/** @returns the lines, and the references lodged, for what follows */
export async function measureApplications(suite: TestSuite): Promise<{ lines: Line[]; lodged: string[] }> {
  using reader = new ProjectionReader(paths(suite.data).projections, register)
  const send = await sender(suite)
  const shown = () => reader.workCounts({ parties: [clerk], now: new Date().toISOString() }).total
  const first = references(warmUp)
  await inParallel(first, send)
  await until('the first applications on the worklist', () => shown() >= warmUp)
  const many = references(most)
  const begun = performance.now()
  await inParallel(many, send)
  const taken = performance.now() - begun
  await until('all applications on the worklist', () => shown() >= warmUp + most, { timeoutMs: 60_000 })
  const all = performance.now() - begun
  return {
    lodged: [...first, ...many],
    lines: [
      {
        what: 'applications, lodging to worklist',
        how: `${most} lodged over ${atOnce} connections at once; all were taken after ${(taken / 1000).toFixed(1)} s, shown after ${(all / 1000).toFixed(1)} s`,
        unit: '/s',
        measured: (most * 1000) / all,
      },
    ],
  }
}

const references = (n: number): string[] => Array.from({ length: n }, newReference)

async function sender(suite: TestSuite): Promise<(reference: string) => Promise<void>> {
  const { token } = await suite.directory('portal')['auth.serviceToken']({ mailbox: province.portal })
  const access = {
    host: '127.0.0.1',
    port: ports(suite.base).submission,
    user: province.portal,
    token,
    tls: 'none' as const,
  }
  return async (reference) => {
    const raw = await writeCommand(
      {
        from: { address: province.portal },
        to: [{ address: register }],
        subject: `[${reference}] Nộp hồ sơ: Cấp giấy phép xuất bản bản tin`,
        messageId: `nop-${reference.toLowerCase()}@${province.domain}`,
        date: new Date(),
      },
      letterBodies({ agency: 'Cổng dịch vụ công', paragraphs: ['Nộp hồ sơ.'] }),
      { kind: 'dossier.lodge', v: 1, case: reference, saw: 0, data: lodging([fileRef(file)]) },
      [file],
    )
    await submit(access, { from: province.portal, to: [register], raw })
  }
}

async function inParallel(list: readonly string[], work: (one: string) => Promise<void>): Promise<void> {
  const left = [...list]
  const one = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await work(next)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
