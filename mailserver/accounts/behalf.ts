/** Leave to send on a person's behalf: given by her, to a person or a group, with dates; every row stays as a record. */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Address, Behalf } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { holderOf, instant, invalid, period } from './given.ts'
import type { Tables } from './store/tables.ts'

/** In force or to come, of one owner; more people are a group. */
const behalfLimit = 100

export function behalfChanges(db: DatabaseSync, t: Tables, now: () => number) {
  return {
    /** @throws Refusal 422, 409 when the owner has given too many */
    addBehalf(b: { owner: Address; person: Address; from: string; to?: string; by: Address }): Behalf {
      return transact(db, () => {
        const owner = t.accounts.byAddress(fold(b.owner))
        if (owner?.kind !== 'person') throw invalid('owner', `${fold(b.owner)} không phải là tài khoản cá nhân.`)
        const { holder } = holderOf(t, b.person)
        if (holder === owner.address) throw invalid('person', 'Không cần cho chính mình.')
        const open = t.behalf.ofOwner(owner.address).filter((each) => !each.to || Date.parse(each.to) > now())
        if (open.length >= behalfLimit)
          throw new Refusal(409, `Đã cho ${behalfLimit} người; hãy dùng nhóm.`, 'too many behalf grants')
        const behalf: Behalf = {
          behalf: `b-${randomBytes(8).toString('hex')}`,
          owner: owner.address,
          person: holder,
          ...period(b),
          by: fold(b.by),
          at: new Date(now()).toISOString(),
        }
        t.behalf.insert(behalf)
        return behalf
      })
    },

    endBehalf(id: string, at: string, by: Address): Behalf {
      return transact(db, () => {
        const behalf = t.behalf.byId(id)
        if (!behalf) throw new Refusal(404, 'Không có phân quyền này.', `no behalf ${id}`)
        if (behalf.to !== undefined && Date.parse(behalf.to) <= now())
          throw new Refusal(409, 'Phân quyền này đã kết thúc.', `behalf ${id} has ended`)
        // one that is to come ends before it began: it never holds
        t.behalf.end(id, Math.max(instant('at', at), Date.parse(behalf.from)), fold(by), now())
        return t.behalf.byId(id)!
      })
    },
  }
}
