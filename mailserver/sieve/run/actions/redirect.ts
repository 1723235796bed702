import { action } from '../../check/definition.ts'
import { quote } from '../../parse/fault.ts'
import { constantOf } from '../../parse/template.ts'
import { plainAddress } from '../addresses.ts'
import { RunFault } from '../facts.ts'

/** RFC 5228 §4.2, with :copy (RFC 3894). Loops are ended by the delivery, which sees the fields that each hop leaves. */
export const redirect = action({
  name: 'redirect',
  tags: { copy: { extension: 'copy' } },
  positional: ['string'],
  check(args, c) {
    const [to] = args.positional
    const said = to?.kind === 'strings' ? constantOf(to.values[0]!) : undefined
    if (said !== undefined && plainAddress(said) === undefined)
      c.fault(to!.at, `${quote(said)} không phải một địa chỉ thư`, `${quote(said)} is not one mail address`)
  },
  run(args, m) {
    const said = m.string(args.positional[0])
    const to = plainAddress(said)
    if (to === undefined)
      throw new RunFault(args.at, `${quote(said)} không phải một địa chỉ thư`, `${quote(said)} is not one mail address`)
    if (!args.tags.has('copy')) m.implicitKeep = false
    const header = m.header.edit()
    if (m.acts.some((a) => a.kind === 'redirect' && a.to.toLowerCase() === to.toLowerCase())) return
    m.act(args.at, { kind: 'redirect', to, ...(header ? { header } : {}) })
  },
})
