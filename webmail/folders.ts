import type { Directory } from '#kit/directory/calls.ts'
import type { Folder, MailAccount } from '#kit/mail/imap.ts'

/** Root of the shared namespace: offices that the person holds (docs/rfc.md, NAMESPACE). */
const sharedRoot = 'Chung/'

export type FolderLink = { path: string; label: string; icon: string; unseen: number; depth: number; current: boolean }
export type FolderTree = {
  own: FolderLink[]
  /** each office with its inbox; its other folders only while one of them is open */
  offices: FolderLink[]
  current: { path: string; label: string; specialUse: string; messages: number; unseen: number }
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

/** Names of a person's offices by local part; one call for each page, answered from the mail server's memory. */
export async function officeNames(directory: Directory, person: string): Promise<Map<string, string>> {
  const { grants } = await directory['directory.grants']({ person })
  const found = await Promise.all(grants.map((g) => directory['directory.lookup']({ address: g.office })))
  return new Map(found.flatMap(({ account }) => (account ? [[localPart(account.address), account.name] as const] : [])))
}

export async function folderTree(
  account: MailAccount,
  offices: ReadonlyMap<string, string>,
  path: string,
): Promise<FolderTree> {
  const all = await account.folders({ counts: true })
  const currentOffice = path.startsWith(sharedRoot) ? path.split('/')[1] : undefined
  const link = (f: Folder): FolderLink => ({
    path: f.path,
    ...named(f),
    unseen: f.unseen,
    depth: depthOf(f.path),
    current: f.path === path,
  })
  const own = all
    .filter((f) => !f.path.startsWith(sharedRoot))
    .sort((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path, 'vi'))
  const shared = all.filter((f) => f.path.startsWith(sharedRoot))
  const officeLinks = [...new Set(shared.map((f) => f.path.split('/')[1]!))].flatMap((office) => {
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
  return {
    own: own.map(link),
    offices: officeLinks,
    current: {
      path,
      label: here ? labelOf(here, offices) : path,
      specialUse: here ? useOf(here) : '',
      messages: here?.messages ?? 0,
      unseen: here?.unseen ?? 0,
    },
    targets: all
      .filter((f) => f.path !== path && useOf(f) !== '\\Drafts')
      .map((f) => ({ path: f.path, label: labelOf(f, offices) })),
  }
}

/**
 * Path of the folder for a use, for example "\\Archive", beside `near`: what lies in an office's mailbox stays there, and is never
 * put into somebody's own.
 */
export async function folderFor(account: MailAccount, use: string, near = 'INBOX'): Promise<string | undefined> {
  const home = officeRoot(near)
  return (await account.folders()).find((f) => officeRoot(f.path) === home && useOf(f) === use)?.path
}

/** "Chung/motcua.stttt/" for a folder of an office, "" for one's own. */
function officeRoot(path: string): string {
  return path.startsWith(sharedRoot) ? `${path.split('/').slice(0, 2).join('/')}/` : ''
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
    : (f.specialUse ?? (f.path.startsWith(sharedRoot) ? (sharedUses[f.path.split('/')[2] ?? ''] ?? '') : ''))
const placeOf = (f: Folder): number => special[useOf(f)]?.place ?? 10
const depthOf = (path: string): number => path.split('/').length - 1
const localPart = (address: string): string => address.slice(0, address.lastIndexOf('@'))

function named(f: Folder): { label: string; icon: string } {
  const known = special[useOf(f)] ?? (f.path.endsWith('/INBOX') ? special['\\Inbox'] : undefined)
  return known ? { label: known.label, icon: known.icon } : { label: registerFolders[f.name] ?? f.name, icon: 'folder' }
}

function labelOf(f: Folder, offices: ReadonlyMap<string, string>): string {
  if (!f.path.startsWith(sharedRoot)) return named(f).label
  const office = f.path.split('/')[1]!
  const name = offices.get(office) ?? office
  return f.path === `${sharedRoot}${office}/INBOX` ? name : `${name}: ${named(f).label}`
}
