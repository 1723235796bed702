/** How one person comes in, in the drawer of her mailbox: last sign-ins, app passwords, second factor; each can be ended. */
import { Router } from 'express'
import type { AppPassword, Calls, Directory, LastSignIn, Passkey } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { sessionOf } from '#kit/web/session.ts'

const log = subsystem('admin')
/** The last few are looked at; `congso account sign-ins` has all. */
const signInsShown = 6

export type Security = {
  signIns: readonly LastSignIn[]
  appPasswords: readonly AppPassword[]
  passkeys: readonly Passkey[]
  second: Calls['secondFactor.state']['out']
}

export async function securityOf(directory: Directory, address: string): Promise<Security> {
  const [{ signIns }, { appPasswords }, { passkeys }, second] = await Promise.all([
    directory['account.signIns']({ address }),
    directory['appPassword.list']({ address }),
    directory['passkey.list']({ address }),
    directory['secondFactor.state']({ address }),
  ])
  return { signIns: signIns.slice(0, signInsShown), appPasswords, passkeys, second }
}

/** @param path of the page of mailboxes, behind the administrators' right */
export function securityRouter(directory: Directory, path: string): Router {
  const router = Router()
  const acts: Record<string, { done: string; run: (address: string, id: string) => Promise<unknown> }> = {
    'thu-hoi': { done: 'thu-hoi', run: (address, id) => directory['appPassword.revoke']({ address, id }) },
    'go-khoa': { done: 'go-khoa', run: (address, id) => directory['passkey.remove']({ address, id }) },
    'dang-xuat': { done: 'dang-xuat', run: (address) => directory['account.signOut']({ address }) },
    'tat-hai-lop': { done: 'tat-hai-lop', run: (address) => directory['secondFactor.end']({ address }) },
  }
  router.post(`${path}/:address/an-toan/:act`, async (req, res, next) => {
    const { address, act } = req.params
    const found = Object.hasOwn(acts, act) ? acts[act] : undefined
    if (!found) return next()
    await found.run(address, String((req.body as Record<string, unknown>)?.['id'] ?? ''))
    log.info({ person: address, act, by: sessionOf(res).person.address }, 'sign-in of a person changed')
    res.redirect(303, `${path}/${encodeURIComponent(address)}?xong=${found.done}`)
  })
  return router
}
