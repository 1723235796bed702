import { call } from '../call.ts'
import type { Reader } from '../input.ts'
import { object, text } from '../input.ts'
import { openMissing } from '../openMissing.ts'

const anything: Reader<unknown> = (v) => v
/** address → password */
const passwords: Reader<Record<string, string>> = (v, field) => {
  const one = text(1024)
  return Object.fromEntries(Object.entries((v ?? {}) as object).map(([k, p]) => [k, one(p, `${field}.${k}`)]))
}

export default call<'provision', { province?: unknown; passwords: Record<string, string> }>({
  may: ['cli'],
  input: () => object({ province: anything, passwords }),
  async run(context, { province, passwords }) {
    const added = await context.accounts.provision(province, passwords)
    await openMissing(context)
    context.log.info({ added }, 'province brought in')
    return { added }
  },
})
