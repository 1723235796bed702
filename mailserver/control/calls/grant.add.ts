import { type Grant, type OfficeRight, officeRights } from '#kit/directory/calls.ts'
import { call } from '../call.ts'
import { address, instant, list, maybe, object, oneOf } from '../input.ts'

type In = {
  person: string
  office: string
  rights: OfficeRight[]
  from: string
  to?: string
  by?: string
}

export default call<'grant.add', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      person: address,
      office: address,
      rights: list(oneOf(...officeRights), officeRights.length),
      from: instant,
      to: maybe(instant),
      by: maybe(address),
    }),
  run({ accounts, log }, input): { grant: Grant } {
    const grant = accounts.addGrant(input)
    log.info({ grant }, 'grant added')
    return { grant }
  },
})
