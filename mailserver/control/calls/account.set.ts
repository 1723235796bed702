import { call } from '../call.ts'
import { address, maybe, object, text, whole } from '../input.ts'
import { present } from '../present.ts'

export default call<
  'account.set',
  {
    address: string
    name?: string
    password?: string
    passwordHash?: string
    quota?: number
    mostMessages?: number | null
    title?: string
  }
>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      address,
      name: maybe(text(400)),
      password: maybe(text(1024)),
      passwordHash: maybe(text(320)),
      quota: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
      mostMessages: (v, field) => (v === null ? null : maybe(whole(0, Number.MAX_SAFE_INTEGER))(v, field)),
      title: maybe(text(200)),
    }),
  async run(context, { address, ...change }) {
    const { id } = await context.accounts.setAccount(address, change)
    context.quotaChanged?.(id)
    return { account: present(context, context.accounts.byId(id)!) }
  },
})
