import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { answer, presentPasskey, siteOf } from '../passkey.ts'

/** The challenge that it answers was given after the password (passkey.begin). */
export default call<'passkey.add', { address: string; name: string; answer: string }>({
  may: ['desk'],
  input: () => object({ address, name: text(200), answer }),
  async run(context, input) {
    const passkey = await context.accounts.addPasskey({ ...input, site: siteOf(context) })
    context.log.info({ person: input.address, passkey: passkey.id }, 'passkey added')
    return { passkey: presentPasskey(passkey) }
  },
})
