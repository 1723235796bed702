import type { Context } from './call.ts'

/** Gives its folders to every account that has none yet: after provisioning, and at start for what a crash left half done. */
export async function openMissing({ accounts, store }: Pick<Context, 'accounts' | 'store'>): Promise<void> {
  const missing = accounts.everyone().filter((a) => store.read.mailboxes(a.id).length === 0)
  await Promise.all(missing.map((a) => store.write('openAccount', { account: a.id, kind: a.kind })))
}
