import type { Directory } from '#kit/directory/calls.ts'
import type { Folder, MailAccount } from '#kit/mail/imap.ts'
import type { Webmail } from '#webmail/context.ts'

/** Root of the shared namespace: offices that the person holds (docs/rfc.md, NAMESPACE). */
const sharedRoot = 'Chung/'
/** Root of the other users' namespace: what persons share with the person. */
const othersRoot = 'Người khác/'
const isOthers = (path: string): boolean => path.startsWith(othersRoot)
export const isShared = (path: string): boolean => path.startsWith(sharedRoot) || isOthers(path)

export type FolderLink = { path: string; label: string; icon: string; unseen: number; depth: number; current: boolean }
export type FolderTree = {
  own: FolderLink[]
  /** each office with its inbox; its other folders only while one of them is open */
  offices: FolderLink[]
  /** each person, and office that one does not hold, who shares folders; and these folders */
  others: { name: string; folders: FolderLink[] }[]
  current: { path: string; label: string; specialUse: string; messages: number; unseen: number }
  /** every folder's name with that of its mailbox, by path */
  labels: ReadonlyMap<string, string>
  /** where a message may be moved to */
  targets: { path: string; label: string }[]
}

/** special use → Vietnamese name, icon, place in the list */
const special: Record<string, { label: string; icon: string; place: number }> = {
  '\\Inbox': { label: 'Hộp thư đến', icon: 'inbox', place: 0 },
  '\\Drafts': { label: 'Thư nháp', icon: 'file', place: 1 },
  '\\Sent': { label: 'Đã gửi', icon: 'send', place: 2 },
  '\\Archive': { label: 'Lưu trữ', icon: 'archive', place: 3 },
  '\\Junk': { label: 'Thư rác', icon: 'shield-x', place: 4 },
  '\\Trash': { label: 'Thùng rác', icon: 'trash', place: 5 },
}
const registerFolders: Record<string, string> = {
  Ledger: 'Sổ cái',
  Handled: 'Đã xử lý',
  'Dead letters': 'Thư không xử lý được',
}

/** Names of a person's offices by local part, one call for each page, answered from the mail server's memory; those of
 *  persons and offices that share single folders are found by `folderTree`. */
export async function officeNames(directory: Directory, person: string): Promise<Map<string, string>> {
  const { grants } = await directory['directory.grants']({ person })
  const found = await Promise.all(grants.map((g) => directory['directory.lookup']({ address: g.office })))
  return new Map(found.flatMap(({ account }) => (account ? [[localPart(account.address), account.name] as const] : [])))
}

/** As people call an account; its address when there is none. */
export async function nameOf(directory: Directory, address: string): Promise<string> {
  return (await directory['directory.lookup']({ address })).account?.name ?? address
}

/** Of who shares a folder: a person by address, an office by the level below "Chung/". */
export async function ownerName(
  { directory, domain }: Pick<Webmail, 'directory' | 'domain'>,
  owner: string,
): Promise<string> {
  const address = owner.includes('@') ? owner : `${owner}@${domain}`
  const name = await nameOf(directory, address)
  return name === address ? owner : name
}

export async function folderTree(
  account: MailAccount,
  offices: ReadonlyMap<string, string>,
  path: string,
  nameOf: (address: string) => Promise<string>,
): Promise<FolderTree> {
  const all = (await account.folders({ counts: true })).map((f) => ({ ...f, path: f.path.normalize('NFC') }))
  const shared = all.filter((f) => f.path.startsWith(sharedRoot))
  const held = (f: { path: string }) => offices.has(localPart(f.path.split('/')[1]!))
  const lent = [...all.filter((f) => isOthers(f.path)), ...shared.filter((f) => !held(f))]
  const owners = [...new Set(lent.map((f) => f.path.split('/')[1]!))]
  const names = new Map([
    ...offices,
    ...(await Promise.all(owners.map(async (owner) => [owner, await nameOf(owner)] as const))),
  ])
  const currentOffice = path.startsWith(sharedRoot) ? path.split('/')[1] : undefined
  const link = (f: Folder): FolderLink => ({
    path: f.path,
    ...named(f),
    unseen: f.unseen,
    depth: depthOf(f.path),
    current: f.path === path,
  })
  const own = all
    .filter((f) => !isShared(f.path))
    .sort((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path, 'vi'))
  const officeLinks = [...new Set(shared.filter(held).map((f) => f.path.split('/')[1]!))].flatMap((office) => {
    const mine = shared.filter((f) => f.path.split('/')[1] === office)
    const inbox = mine.find((f) => f.path === `${sharedRoot}${office}/INBOX`)
    const head: FolderLink[] = inbox
      ? [
          {
            ...link(inbox),
            label: offices.get(office) ?? office,
            icon: office.startsWith('so.') ? 'notebook' : 'building',
            depth: 0,
          },
        ]
      : []
    const rest = office === currentOffice ? mine.filter((f) => f !== inbox).map((f) => ({ ...link(f), depth: 1 })) : []
    return [...head, ...rest]
  })
  const here = all.find((f) => f.path === path)
  const others = owners.map((owner) => ({
    name: names.get(owner) ?? owner,
    folders: lent
      .filter((f) => f.path.split('/')[1] === owner)
      .map((f) => ({ ...link(f), depth: 0, label: withinOwner(f) })),
  }))
  return {
    own: own.map(link),
    offices: officeLinks,
    others,
    current: {
      path,
      label: here ? labelOf(here, names) : path,
      specialUse: here ? useOf(here) : '',
      messages: here?.messages ?? 0,
      unseen: here?.unseen ?? 0,
    },
    labels: new Map(all.map((f) => [f.path, labelOf(f, names)])),
    targets: all
      .filter((f) => f.path !== path && useOf(f) !== '\\Drafts')
      .map((f) => ({ path: f.path, label: labelOf(f, names) })),
  }
}

/** Folders of a mailbox as they are listed, for choosing one; paths are its own. @param office its address; absent: one's own mailbox */
export async function foldersOf(account: MailAccount, office?: string): Promise<{ path: string; label: string }[]> {
  const all = (await account.folders()).map((f) => ({ ...f, path: f.path.normalize('NFC') }))
  const roots = office === undefined ? [''] : [`${sharedRoot}${office}/`, `${sharedRoot}${localPart(office)}/`]
  const root = roots.find((each) => all.some((f) => f.path.startsWith(each))) ?? roots[0]!
  return all
    .filter((f) => (office === undefined ? !isShared(f.path) : f.path.startsWith(root)))
    .sort((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path, 'vi'))
    .map((f) => {
      const path = f.path.slice(root.length)
      return { path, label: (path.includes('/') ? undefined : special[useOf(f)]?.label) ?? path.replaceAll('/', ' / ') }
    })
}

/**
 * Path of the folder for a use, for example "\\Archive", beside `near`: what lies in an office's mailbox stays there, and is never
 * put into somebody's own.
 */
export async function folderFor(account: MailAccount, use: string, near = 'INBOX'): Promise<string | undefined> {
  const home = mailboxRoot(near)
  return (await account.folders()).find((f) => mailboxRoot(f.path) === home && useOf(f) === use)?.path
}

/** "Chung/motcua.stttt/" for a folder of an office, "Người khác/an@…/" for another person's, "" for one's own. */
function mailboxRoot(path: string): string {
  return isShared(path) ? `${path.split('/').slice(0, 2).join('/')}/` : ''
}

/** In the shared namespace the server names no uses; every office's folders are made with these names. */
const sharedUses: Record<string, string> = {
  INBOX: '\\Inbox',
  Drafts: '\\Drafts',
  Sent: '\\Sent',
  Archive: '\\Archive',
  Junk: '\\Junk',
  Trash: '\\Trash',
}
const useOf = (f: { path: string; specialUse?: string }): string =>
  f.path === 'INBOX'
    ? '\\Inbox'
    : (f.specialUse ?? (isShared(f.path) ? (sharedUses[f.path.split('/').slice(2).join('/')] ?? '') : ''))
const placeOf = (f: Folder): number => special[useOf(f)]?.place ?? 10
const depthOf = (path: string): number => path.split('/').length - 1
const localPart = (address: string): string => address.replace(/@[^@]*$/, '')

function named(f: Folder): { label: string; icon: string } {
  const known = special[useOf(f)] ?? (f.path.endsWith('/INBOX') ? special['\\Inbox'] : undefined)
  return known ? { label: known.label, icon: known.icon } : { label: registerFolders[f.name] ?? f.name, icon: 'folder' }
}

/** Below its owner's name: "Hộp thư đến", or the path as she named it. */
function withinOwner(f: Folder): string {
  const path = f.path.split('/').slice(2)
  return path.length === 1 ? named(f).label : path.join(' / ')
}

function labelOf(f: Folder, offices: ReadonlyMap<string, string>): string {
  if (isOthers(f.path)) {
    const owner = f.path.split('/')[1]!
    return `${offices.get(owner) ?? owner}: ${withinOwner(f)}`
  }
  if (!f.path.startsWith(sharedRoot)) return named(f).label
  const office = f.path.split('/')[1]!
  const name = offices.get(office) ?? office
  return f.path === `${sharedRoot}${office}/INBOX` ? name : `${name}: ${named(f).label}`
}
