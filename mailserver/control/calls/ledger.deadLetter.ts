import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object, text, whole } from '../input.ts'
import { register } from '../register.ts'

export default call<'ledger.deadLetter', { ledger: string; uid: number; why: string }>({
  may: ['workers'],
  input: () => object({ ledger: address, uid: whole(1, 0xffff_ffff), why: text(2_000) }),
  async run(context, { ledger, uid, why }) {
    const { id } = register(context, ledger)
    const oneLine = why.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim() // it becomes a header line
    const { ok } = await context.store.write('ledgerDeadLetter', { account: id, uid, why: oneLine, at: context.now() })
    if (!ok) throw new Refusal(404, 'Không có thư này trong hộp thư sổ.', `no message ${uid} in the register's INBOX`)
    context.log.warn({ ledger, uid, why: oneLine }, 'command moved to Dead letters')
    return {}
  },
})
