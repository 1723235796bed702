import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, maybe, object, text } from '../input.ts'
import { answer, proven } from '../passkey.ts'
import { type Proof, proof, prove } from '../proof.ts'

type In = { address: string; code?: string; answer?: string; ip?: string; proof?: Proof }

export default call<'secondFactor.confirm', In>({
  may: ['desk'],
  input: () => object({ address, code: maybe(text(40)), answer: maybe(answer), ip: maybe(text(64)), proof }),
  async run(context, { address, proof: shown, ...given }) {
    const { accounts, log } = context
    if (accounts.secondFactorOf(address).on) {
      const by = await proven(context, address, given)
      if (!by) throw new Refusal(422, 'Nhập mã xác thực.', 'neither code nor passkey')
      const recoveryCodes = accounts.renewRecoveryCodes(address, by)
      log.info({ person: address }, 'recovery codes renewed')
      return { recoveryCodes }
    }
    await prove(context, address, shown)
    const recoveryCodes = accounts.confirmSecondFactor(address, given.code ?? '')
    log.info({ person: address }, 'second factor on')
    return { recoveryCodes }
  },
})
