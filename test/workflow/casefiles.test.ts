import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Projection } from '#workflow/projection/projection.ts'
import { caseFiles } from '#workflow/worker/casefiles.ts'

describe('files of a case, from the ledger', () => {
  const content = Buffer.from('%PDF-1.7')
  const sha256 = createHash('sha256').update(content).digest('hex')
  const asked: unknown[] = []
  const getFile = (at: string) =>
    caseFiles({
      account: {
        search: async (given: unknown) => {
          asked.push(given)
          return [7]
        },
        part: async () => content,
      } as unknown as MailAccount,
      projection: {
        file: () => ({ seq: 3, part: 3, name: 'a.pdf', type: 'application/pdf', messageId: 'so.3.0.x@tinh.vn', at }),
      } as unknown as Projection,
      case: 'K7M2-Q9PX-4',
      fresh: [],
    })(sha256)

  // 00:30 of New Year's Day in Vietnam is still December in UTC
  for (const [at, folder] of [
    ['2026-12-31T16:59:59Z', 'Ledger/2026'],
    ['2026-12-31T17:30:00Z', 'Ledger/2027'],
  ] as const)
    it(`looks for an entry of ${at} in ${folder}, by its whole Message-ID`, async () => {
      asked.length = 0
      expect((await getFile(at)).content).to.deep.equal(content)
      expect(asked).to.deep.equal([{ folder, query: { header: { 'message-id': '<so.3.0.x@tinh.vn>' } } }])
    })
})
