import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'alias.list', Record<string, never>>({
  may: ['cli', 'desk'],
  input: () => object({}),
  run: ({ accounts }) => ({
    aliases: accounts.aliases().map(({ address, members, group, name, outside, owner }) => ({
      address,
      to: members,
      ...(group && { group: { name: name ?? address, outside, ...(owner !== undefined && { owner }) } }),
    })),
  }),
})
