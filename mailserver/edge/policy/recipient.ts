import type { Calls, Directory } from '#kit/directory/calls.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'

type Verdict = Calls['rcpt.check']['out']['verdict']

const answers: Record<Exclude<Verdict, 'ok'>, Answer> = {
  unknown: { kind: 'refuse', code: 550, detail: '1.1', text: 'No such address / Khong co dia chi nay' },
  disabled: { kind: 'refuse', code: 550, detail: '2.1', text: 'Mailbox is not in use / Hop thu khong con su dung' },
  // refused for good, so that the sender hears of it at once and not after days of retries
  'over-quota': { kind: 'refuse', code: 552, detail: '2.2', text: 'Mailbox is full / Hop thu da day' },
  'not-ours': {
    kind: 'refuse',
    code: 550,
    detail: '7.1',
    text: 'We do not relay / May chu khong chuyen tiep thu cho ten mien nay',
  },
  'internal-only': { kind: 'refuse', code: 550, detail: '7.1', text: 'Closed to the outside / Chi nhan thu noi bo' },
}

/** One address holds many people (a group); a province has about 5,000. A transaction takes at most so many. */
const MAX_RECIPIENTS = 200

/** May this address be delivered to now? @throws whatever the directory throws: the caller answers "later" */
export async function decideRecipient(
  directory: Pick<Directory, 'rcpt.check'>,
  { address, size, taken }: { address: string; size?: number; taken: number },
): Promise<Answer> {
  if (taken >= MAX_RECIPIENTS)
    return {
      kind: 'later',
      code: 452,
      detail: '5.3',
      text: 'Too many recipients, send the rest again / Qua nhieu nguoi nhan',
    }
  const { verdict } = await directory['rcpt.check']({ address, ...(size === undefined ? {} : { size }) })
  return verdict === 'ok' ? { kind: 'accept', text: 'recipient ok' } : answers[verdict]
}
