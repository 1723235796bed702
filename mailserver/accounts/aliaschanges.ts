/** Changes to aliases and groups; each is one transaction, and throws a Refusal (404, 409, 422) when it cannot be. */
import type { DatabaseSync } from 'node:sqlite'
import type { AccountKind, Address } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { domainOf, fold, splitAddress } from './address.ts'
import { catchAllOf, resolve } from './deliver.ts'
import { checkAddress, checkName, invalid, nameLimit } from './given.ts'
import { holdsAt } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

/** a group is read whole at each delivery */
const memberLimit = 2_000

type GivenGroup = { name: string; outside: boolean; owner?: Address }
type AddAccount = (
  t: Tables,
  a: { address: Address; name: string; kind: AccountKind },
  password: undefined,
  now: number,
) => AccountRow

export function aliasChanges(db: DatabaseSync, t: Tables, now: () => number, addAccount: AddAccount) {
  const isOurs = (member: Address) => t.domains.has(domainOf(member))
  return {
    /**
     * `group.owner` answers for a group; only then may it have members elsewhere.
     * @returns the account that sends for such a group, to be opened in the store
     */
    putAlias(a: { address: Address; to: readonly Address[]; group?: GivenGroup }): AccountRow | undefined {
      const catchAll = a.group === undefined && a.address.trim().startsWith('@')
      const address = catchAll ? checkCatchAll(t, a.address) : checkAddress(t, a.address)
      const members = a.to.map((member) => (isOurs(member) ? fold(member) : elsewhere(member)))
      if (members.length === 0) throw invalid('to', 'Cần ít nhất một địa chỉ nhận.')
      if (members.length > memberLimit)
        throw invalid('to', `Một nhóm có nhiều nhất ${memberLimit} địa chỉ; hãy chia thành nhóm nhỏ.`)
      return transact(db, () => {
        if (t.accounts.byAddress(address)) throw new Refusal(409, `${address} đã là một tài khoản.`, 'address is taken')
        for (const member of members)
          if (isOurs(member) && member !== address && !t.accounts.byAddress(member) && !t.aliases.get(member))
            throw invalid('to', `${member} không có trong hệ thống.`)
        const sender = a.group ? putGroup(address, members, a.group) : putPlain(address, members)
        const nobody = catchAll
          ? members.every((member) => member === address)
          : resolve(t, address, 'inside', now()).verdict === 'unknown'
        if (nobody) throw invalid('to', 'Nhóm không đến được ai.')
        return sender
      })
    },

    /** Not while others name it: a group that holds a right, or a member of another group. */
    removeAlias(given: Address): void {
      const address = fold(given)
      transact(db, () => {
        const alias = t.aliases.get(address)
        if (!alias) throw new Refusal(404, `Không có bí danh hay nhóm ${address}.`, `no alias ${address}`)
        const ahead = (each: { from: string; to?: string }) => holdsAt(each, Math.max(now(), Date.parse(each.from)))
        if (t.grants.find({ person: address }).some(ahead) || t.behalf.ofPerson(address).some(ahead))
          throw new Refusal(409, `${address} đang giữ quyền; thu hồi quyền trước.`, `${address} holds rights`)
        const [above] = t.aliases.naming(address, Number.MAX_SAFE_INTEGER)
        if (above !== undefined)
          throw new Refusal(409, `${address} còn trong nhóm ${above}.`, `${above} names ${address}`)
        t.aliases.remove(address)
        if (alias.listAccount !== undefined) t.accounts.change(alias.listAccount, { disabled: true })
      })
    },
  }

  function putPlain(address: Address, members: readonly Address[]): undefined {
    const outer = members.find((member) => !isOurs(member))
    if (outer !== undefined) throw invalid('to', `${outer} ở ngoài hệ thống: bí danh chỉ gồm địa chỉ bên trong.`)
    t.aliases.put({ address, group: false, outside: true, members }, now())
  }

  function putGroup(address: Address, members: readonly Address[], group: GivenGroup): AccountRow | undefined {
    const known = t.aliases.get(address)
    const name = checkName(group.name)
    const owner = group.owner === undefined ? known?.owner : checkOwner(t, group.owner)
    const outer = members.some((member) => !isOurs(member))
    if (outer && owner === undefined)
      throw invalid('owner', 'Nhóm có người ở ngoài cần một người phụ trách, nơi nhận thư báo lỗi.')
    const before = known?.listAccount === undefined ? undefined : t.accounts.byId(known.listAccount)
    const sender = outer ? (before ?? listAccount(address, name)) : before
    t.aliases.put(
      {
        address,
        group: true,
        name,
        outside: group.outside,
        members,
        ...(owner !== undefined && { owner }),
        ...(sender && { listAccount: sender.id }),
      },
      now(),
    )
    return sender
  }

  /** The account that sends for a group; an earlier group of that address may have left it. */
  function listAccount(group: Address, name: string): AccountRow {
    const { local, domain } = splitAddress(group)!
    const address = `${local}-bounces@${domain}`
    const there = t.accounts.byAddress(address)
    if (there?.kind !== 'service' || t.aliases.ofListAccount(there.id))
      return addAccount(
        t,
        { address, name: `Thư báo lỗi, ${name}`.slice(0, nameLimit), kind: 'service' },
        undefined,
        now(),
      )
    t.accounts.change(there.id, { disabled: false })
    return t.accounts.byId(there.id)!
  }
}

/** The local part belongs to the other side and is left as it is. */
function elsewhere(member: Address): Address {
  const text = member.normalize('NFC').trim()
  if (!splitAddress(text)) throw invalid('to', `"${text.slice(0, 80)}" không phải là địa chỉ thư.`)
  const at = text.lastIndexOf('@')
  return `${text.slice(0, at)}@${fold(text.slice(at + 1))}`
}

function checkOwner(t: Tables, owner: Address): Address {
  const found = t.accounts.byAddress(fold(owner))
  if (found?.kind !== 'person' && found?.kind !== 'office')
    throw invalid('owner', `${fold(owner)} không phải là người hay hộp thư chức danh trong hệ thống.`)
  return found.address
}

/** "@haiduong.gov.vn" */
function checkCatchAll(t: Tables, address: Address): Address {
  const domain = fold(address).slice(1)
  if (!t.domains.has(domain)) throw invalid('address', `Tên miền ${domain} không thuộc hệ thống này.`)
  return catchAllOf(domain)
}
