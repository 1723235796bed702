import { call } from '../call.ts'
import { address, maybe, object, text, whole } from '../input.ts'
import { present } from '../present.ts'

export default call<
  'account.set',
  { address: string; name?: string; password?: string; quota?: number; title?: string }
>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      address,
      name: maybe(text(400)),
      password: maybe(text(1024)),
      quota: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
      title: maybe(text(200)),
    }),
  async run(context, { address, ...change }) {
    const { id } = await context.accounts.setAccount(address, change)
    return { account: present(context, context.accounts.byId(id)!) }
  },
})
