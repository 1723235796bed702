/**
 * Passkeys (WebAuthn) of people, for the pages: in the place of the password, where the authenticator has verified its owner
 * (a finger, a PIN), and after it as the second factor. Each is bound to one site by the browser; what is kept here is public.
 */
import { createHmac } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Address } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import type { PasskeySite } from '#kit/web/passkeysite.ts'
import { fold } from './address.ts'
import { dayOf, isActive } from './inforce.ts'
import { challengeMs, makeChallenge, type Purpose, readChallenge } from './passkeychallenge.ts'
import type { AccountRow } from './store/accounts.ts'
import type { PasskeyRow } from './store/passkeys.ts'
import type { Tables } from './store/tables.ts'
import { algorithms, answerLimit, readNewKey, readShown } from './webauthn.ts'

/** Telephone, work computer, a key in the drawer, and some forgotten; all are named to the browser at each registration. */
export const passkeysMost = 20
const nameLimit = 60
/** what authenticators show */
const siteName = 'Công Sở'
/** the browser's own patience; the challenge outlives it */
const timeout = challengeMs / 2

/** Options of `navigator.credentials.create` and `.get` in JSON (WebAuthn §5.1.8, §5.1.9). */
export type KeyOptions = Record<string, unknown>

export function passkeys(db: DatabaseSync, t: Tables, now: () => number) {
  const person = (address: Address): AccountRow => {
    const account = t.accounts.byAddress(fold(address))
    if (account?.kind !== 'person')
      throw new Refusal(404, `Không có tài khoản cá nhân ${fold(address)}.`, 'no such person')
    return account
  }
  const secret = t.passkeys.secret
  /** Authenticators keep it in the open: it must not say who somebody is (WebAuthn §14.6.1). */
  const handle = (account: number) => createHmac('sha256', secret).update(`handle\0${account}`).digest('base64url')
  const named = (keys: readonly PasskeyRow[]) =>
    keys.map(({ id, transports }) => ({ type: 'public-key', id, transports }))

  /** Takes an answer's challenge, once. @throws Refusal 422 */
  const challengeOf = (purpose: Purpose, of: string) => {
    let taken: { text: string; expires: number } | undefined
    return {
      challenge(text: string): boolean {
        const expires = readChallenge(secret, purpose, of, text)
        if (expires === undefined) return false
        taken = { text, expires }
        return true
      },
      /** Call inside a transaction, when everything else was right. */
      spend(): void {
        // further off than any that is given: the clock went back
        if (!taken || taken.expires <= now() || taken.expires > now() + challengeMs)
          throw new Refusal(422, 'Đã quá lâu. Bấm lại nút khóa truy cập.', 'the challenge has expired')
        if (!t.passkeys.spend(taken.text, taken.expires, now()))
          throw new Refusal(
            422,
            'Lần bấm này đã dùng rồi. Bấm lại nút khóa truy cập.',
            'the challenge was answered before',
          )
      },
    }
  }

  /**
   * The key that an answer shows, noted as used.
   *
   * @throws Refusal 422 when it does not hold, 403 when the key is blocked or did not verify its owner
   */
  async function show(q: {
    site: PasskeySite
    answer: string
    purpose: Purpose
    of: string
    ip: string
    account?: number
    verified?: true
  }): Promise<AccountRow> {
    const answer = parsed(q.answer)
    const key = t.passkeys.byId(idOf(answer))
    // one text for both: whether a key exists is nobody's business
    if (!key || (q.account !== undefined && key.account !== q.account)) throw unknownKey()
    const asked = challengeOf(q.purpose, q.of)
    const shown = await readShown(answer, { site: q.site, challenge: asked.challenge, key }).catch((err: unknown) => {
      throw notTaken(err)
    })
    if (q.verified && userHandleOf(answer) !== handle(key.account)) throw unknownKey()
    if (q.verified && !shown.userVerified)
      throw new Refusal(
        403,
        'Khóa này chưa hỏi vân tay hay mã PIN nên không thay được mật khẩu. Đăng nhập bằng mật khẩu, rồi dùng khóa làm lớp thứ hai.',
        'the authenticator did not verify its user',
      )
    const copied = transact(db, () => {
      const kept = t.passkeys.byId(key.id)
      if (!kept) throw unknownKey() // removed while its answer was under way
      const { signCount, blocked } = kept
      asked.spend()
      // §6.1.1: a counter that does not go up is that of a copy; one that stays at 0 is not kept
      if (blocked !== undefined) return true
      if ((signCount > 0 || shown.signCount > 0) && shown.signCount <= signCount) {
        t.passkeys.block(key.id, now())
        return true
      }
      t.passkeys.use(key.id, { signCount: shown.signCount, backedUp: shown.backedUp, at: now(), ip: q.ip })
      return false
    })
    if (copied)
      throw new Refusal(
        403,
        'Khóa truy cập này có dấu hiệu bị sao chép nên đã bị chặn. Đăng nhập cách khác, gỡ khóa và báo quản trị thư.',
        `sign count of passkey ${key.id} went back: blocked`,
      )
    return t.accounts.byId(key.account)!
  }

  return {
    /** newest first */
    passkeysOf: (address: Address): PasskeyRow[] => t.passkeys.ofAccount(person(address).id),

    /** What the browser is to make a key by; after the password was shown again. @throws Refusal 409 too many */
    newPasskeyOptions(site: PasskeySite, address: Address): KeyOptions {
      const account = person(address)
      const keys = t.passkeys.ofAccount(account.id)
      if (keys.length >= passkeysMost) throw tooMany()
      return {
        rp: { id: site.rpId, name: siteName },
        user: { id: handle(account.id), name: account.address, displayName: account.name },
        challenge: makeChallenge(secret, 'register', String(account.id), now()),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: named(keys),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
        attestation: 'none',
        timeout,
      }
    },

    /** @throws Refusal 409 too many, or the key is somebody's; 422 */
    async addPasskey(q: { site: PasskeySite; address: Address; name: string; answer: string }): Promise<PasskeyRow> {
      const account = person(q.address)
      const name = q.name.normalize('NFC').trim()
      if (name === '' || name.length > nameLimit || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) {
        const wrong = `Tên thiết bị cần từ 1 đến ${nameLimit} ký tự, trên một dòng.`
        throw new Refusal(422, wrong, 'name is not valid', { fields: { name: wrong } })
      }
      const asked = challengeOf('register', String(account.id))
      const made = await readNewKey(parsed(q.answer), { site: q.site, challenge: asked.challenge }).catch(
        (err: unknown) => {
          throw notTaken(err)
        },
      )
      return transact(db, () => {
        asked.spend()
        if (t.passkeys.ofAccount(account.id).length >= passkeysMost) throw tooMany()
        const row = { ...made, publicKey: new Uint8Array(made.publicKey), account: account.id, name, created: now() }
        if (!t.passkeys.insert(row)) throw new Refusal(409, 'Khóa này đã có trong hệ thống.', 'credential id is taken')
        return row
      })
    },

    /** @throws Refusal 404, 409 when it is all that the second factor has */
    removePasskey(address: Address, id: string): void {
      const account = person(address)
      transact(db, () => {
        if (t.passkeys.byId(id)?.account !== account.id)
          throw new Refusal(404, 'Không có khóa truy cập này, hoặc đã gỡ.', 'no such passkey')
        if (t.secondFactors.get(account.id)?.byKey && t.passkeys.ofAccount(account.id).length === 1)
          throw new Refusal(
            409,
            'Đây là khóa cuối cùng của xác thực hai lớp. Thêm khóa khác hoặc tắt xác thực hai lớp trước.',
            'the last key of the second factor',
          )
        t.passkeys.remove(id)
      })
    },

    /**
     * For the sign-in page, where nobody is known: the browser offers what it has for this site, and the authenticator must
     * verify its owner, since the key stands for the password.
     */
    signInOptions: (site: PasskeySite): KeyOptions => ({
      rpId: site.rpId,
      challenge: makeChallenge(secret, 'sign-in', '', now()),
      userVerification: 'required',
      timeout,
    }),

    /** @throws Refusal 403, 422 */
    async enterByPasskey(q: { site: PasskeySite; answer: string; ip: string }): Promise<AccountRow> {
      const account = await show({ ...q, purpose: 'sign-in', of: '', verified: true })
      if (!isActive(account, dayOf(now())))
        throw new Refusal(
          403,
          'Tài khoản đang tạm khóa hoặc chưa có hiệu lực. Vui lòng liên hệ quản trị viên.',
          'account not active',
        )
      t.lastSignIns.note(account.id, { at: now(), ip: q.ip, scope: 'web', how: 'passkey' })
      return account
    },

    /** After the password (`of` the half token), or to prove oneself again; undefined: there is no key. */
    passkeyOptions(
      site: PasskeySite,
      account: number,
      purpose: 'second-step' | 'prove',
      of = '',
    ): KeyOptions | undefined {
      const keys = t.passkeys.ofAccount(account).filter(({ blocked }) => blocked === undefined)
      if (keys.length === 0) return undefined
      return {
        rpId: site.rpId,
        challenge: makeChallenge(secret, purpose, `${account} ${of}`, now()),
        allowCredentials: named(keys),
        userVerification: 'discouraged',
        timeout,
      }
    },

    /** @throws Refusal 403, 422 */
    async showPasskey(q: {
      site: PasskeySite
      answer: string
      account: number
      purpose: 'second-step' | 'prove'
      of?: string
      ip: string
    }): Promise<void> {
      await show({ ...q, of: `${q.account} ${q.of ?? ''}` })
    },
  }
}

/** @throws Refusal 422 */
function parsed(answer: string): unknown {
  if (answer.length > answerLimit) throw new Refusal(422, unreadable, `an answer of ${answer.length} characters`)
  try {
    return JSON.parse(answer)
  } catch (err) {
    throw new Refusal(422, unreadable, 'the answer is no JSON', { cause: err })
  }
}

const field = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined
function idOf(answer: unknown): string {
  const id = field(answer, 'id')
  return typeof id === 'string' ? id : ''
}
const userHandleOf = (answer: unknown) => field(field(answer, 'response'), 'userHandle')

const unreadable = 'Trình duyệt trả lời không đúng mẫu. Tải lại trang rồi thử lại.'
const notTaken = (cause: unknown) =>
  new Refusal(
    422,
    'Không kiểm tra được khóa truy cập. Tải lại trang rồi thử lại.',
    `passkey not taken: ${cause instanceof Error ? cause.message.slice(0, 200) : 'no error'}`,
    { cause },
  )
const unknownKey = () =>
  new Refusal(
    422,
    'Khóa truy cập này không dùng được cho tài khoản. Chọn khóa khác hoặc đăng nhập bằng mật khẩu.',
    'no such passkey of this account',
  )
const tooMany = () =>
  new Refusal(
    409,
    `Mỗi người có nhiều nhất ${passkeysMost} khóa truy cập; hãy gỡ những khóa không dùng nữa.`,
    'too many',
  )
