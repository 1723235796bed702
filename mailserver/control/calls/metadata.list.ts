import { readServerEntries } from '#mailserver/sharing/serverentries.ts'
import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'metadata.list', Record<string, never>>({
  may: ['cli', 'desk'],
  input: () => object({}),
  run: ({ accounts, store }) => ({
    entries: readServerEntries(accounts, store.read, accounts.domains()[0] ?? '').map(({ entry, value }) => ({
      entry,
      value: Buffer.from(value).toString(),
    })),
  }),
})
