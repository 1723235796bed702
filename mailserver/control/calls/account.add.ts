import { type AccountKind, accountKinds } from '#kit/directory/calls.ts'
import { call } from '../call.ts'
import { address, maybe, object, oneOf, text, whole } from '../input.ts'
import { present } from '../present.ts'

type In = {
  address: string
  name: string
  password?: string
  passwordHash?: string
  quota?: number
  mostMessages?: number
  kind?: AccountKind
  agency?: string
  title?: string
}

export default call<'account.add', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      address,
      name: text(400),
      password: maybe(text(1024)),
      passwordHash: maybe(text(320)),
      quota: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
      mostMessages: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
      kind: maybe(oneOf(...accountKinds)),
      agency: maybe(text(100)),
      title: maybe(text(200)),
    }),
  async run(context, input) {
    const account = await context.accounts.addAccount(input)
    // a crash between the two is healed at the next start, which opens every account that has no folders
    await context.store.write('openAccount', { account: account.id, kind: account.kind })
    return { account: present(context, context.accounts.byId(account.id)!) }
  },
})
