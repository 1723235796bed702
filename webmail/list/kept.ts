import type { Directory } from '#kit/directory/calls.ts'

/**
 * Days after which letters of this folder are removed, undefined when they are kept.
 * @param person who looks
 */
export async function keptDays(
  directory: Directory,
  folder: { path: string; specialUse: string },
  person: string,
): Promise<number | undefined> {
  const use = folder.specialUse === '\\Junk' ? 'junk' : folder.specialUse === '\\Trash' ? 'trash' : undefined
  if (use === undefined) return undefined
  const scope = await ownerOf(directory, folder.path, person)
  if (scope === undefined) return undefined
  const kept = await directory['expiry.get']({ scope })
  return kept[use] === 0 ? undefined : kept[use]
}

async function ownerOf(directory: Directory, path: string, person: string): Promise<string | undefined> {
  const [root, owner = ''] = path.split('/')
  if (root === 'Người khác') return owner
  if (root !== 'Chung') return person
  const { grants } = await directory['directory.grants']({ person })
  const office = grants.find((g) => g.office.slice(0, g.office.lastIndexOf('@')) === owner)?.office
  // nothing of a register's is ever removed
  return office !== undefined && (await directory['directory.lookup']({ address: office })).account?.kind === 'office'
    ? office
    : undefined
}
