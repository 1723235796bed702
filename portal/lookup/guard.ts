import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '#kit/refusal.ts'
import type { Context } from '../context.ts'
import { MAX_WRONG_PER_CASE, MAX_WRONG_PER_NETWORK } from '../limits.ts'
import { findCase } from '../projection/open.ts'
import { hashSecret, readCode, readReference } from '../reference.ts'
import { draftByReference } from '../store/drafts.ts'
import { tallied, tally } from '../store/visits.ts'

/** Which case a typed key names: a lodging reference or a mã hồ sơ. */
export const readKey = (typed: string): string | undefined => readReference(typed) ?? readCode(typed)

/**
 * The lodging reference of the case that key and secret open. Wrong tries are counted by network and by case, before
 * anything is compared; a wrong key and a wrong secret get the same answer.
 * @throws Refusal 422 wrong or unreadable, with the field; 429 too many wrong tries
 */
export function unlock(context: Context, given: { key: string; secret: string; ip: string }): string {
  const { store, projection, now } = context
  const fields: Record<string, string> = {}
  const key = readKey(given.key)
  if (given.key.trim() === '') fields['ma'] = 'Chưa ghi số nộp hồ sơ hoặc mã hồ sơ.'
  else if (!key)
    fields['ma'] =
      'Số này không đúng mẫu. Số nộp có dạng K7M2-Q9PX-4, mã hồ sơ có dạng 000.00.15.H23-261122-0007. Xem lại từng ký tự.'
  if (given.secret.trim() === '')
    fields['bimat'] = 'Chưa ghi mã tra cứu. Mã này ở trang báo nộp và trong thư báo đã nộp.'
  if (Object.keys(fields).length > 0 || !key) throw wrong(fields)

  const network = `wrong ip ${given.ip}`
  const one = `wrong case ${key}`
  const at = now()
  if (tallied(store, network, at) >= MAX_WRONG_PER_NETWORK || tallied(store, one, at) >= MAX_WRONG_PER_CASE)
    throw new Refusal(
      429,
      'Đã ghi sai quá nhiều lần nên tạm dừng tra cứu. Chờ một giờ rồi tra lại với mã trong thư báo đã nộp.',
      `too many wrong lookups from ${given.ip}`,
    )
  const found = findCase(projection, key)
  const draft = found ? undefined : draftByReference(store, key)
  const lodged = draft?.state === 'lodged' ? draft : undefined
  const expected = found?.secretHash ?? (lodged?.secret ? hashSecret(lodged.secret) : undefined)
  if (!matches(hashSecret(given.secret), expected)) {
    tally(store, network, { now: at, most: MAX_WRONG_PER_NETWORK })
    tally(store, one, { now: at, most: MAX_WRONG_PER_CASE })
    throw wrong({
      bimat:
        'Số nộp (mã hồ sơ) và mã tra cứu không khớp. Mã tra cứu có 12 ký tự, dạng ABCD-EFGH-JKLM. Xem lại thư báo đã nộp.',
    })
  }
  return found?.data.case ?? lodged!.reference!
}

// Compared with when there is no such case, so that both answers take the same time.
const nobody = '0'.repeat(64)

function matches(given: string | undefined, expected: string | undefined): boolean {
  const same = timingSafeEqual(Buffer.from(given ?? nobody), Buffer.from(expected ?? nobody))
  return same && given !== undefined && expected !== undefined
}

const wrong = (fields: Record<string, string>): Refusal =>
  new Refusal(422, Object.values(fields)[0] ?? '', 'wrong lookup', { fields })
