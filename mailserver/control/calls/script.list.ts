import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object } from '../input.ts'

export default call<'script.list', { owner: string }>({
  may: ['cli'],
  input: () => object({ owner: address }),
  run: ({ accounts }, { owner }) => ({
    scripts: accounts.scripts
      .list(filteredBox(accounts, owner).id)
      .map(({ changed, ...script }) => ({ ...script, changed: new Date(changed).toISOString() })),
  }),
})
