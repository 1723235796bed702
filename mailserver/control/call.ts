import type { CallName, Calls, ProcessName } from '#kit/directory/calls.ts'
import type { Log } from '#kit/log.ts'
import type { PasskeySite } from '#kit/web/passkeysite.ts'
import type { AccountBook } from '#mailserver/accounts/open.ts'
import type { Seen, Which } from '#mailserver/sessions/seen.ts'
import type { Filters } from '#mailserver/sieve/deliver/filters.ts'
import type { Store } from '#mailserver/store/port.ts'
import type { Keeper } from '#mailserver/tls/keeper.ts'
import type { Reader } from './input.ts'

/** What the calls work with. */
export type Context = {
  accounts: AccountBook
  store: Store
  /** scripts of the recipients of ordinary mail */
  filters: Filters
  log: Log
  /** signs octets of a message with the keys of one of our domains; the result is what is stored and sent */
  seal: (raw: Uint8Array, domain: string) => Promise<Uint8Array>
  /** an account may hold more or less from now on; absent where nobody watches */
  quotaChanged?: (account: number) => void
  /** sessions open on all listeners */
  connections: () => number
  /** who is signed in by the mail protocols; absent while the mail service is stopped */
  sessions?: { list(): Promise<Seen[]>; end(which: Which): Promise<number> }
  /** who keeps the certificates; opened when it is asked for */
  certificates: () => Keeper
  /** octets of the largest message any listener accepts */
  maxMessage: number
  /** for how long deleted mail can be restored */
  deletedDays: number
  /** where people's passkeys hold; undefined where they cannot be */
  passkeySite: () => PasskeySite | undefined
  now: () => number
}

/** One call of the control API. Its file in `calls/` has its name and exports it as default. */
export type Call<N extends CallName> = {
  /** processes that may make it */
  may: readonly ProcessName[]
  /** what is read from the body; the handler sees nothing else */
  input: (context: Context) => Reader<unknown>
  run: (context: Context, input: Calls[N]['in'], caller: ProcessName) => Promise<Calls[N]['out']> | Calls[N]['out']
}

/** Checks that the reader gives what the call's type says, and drops that type for the table. */
export function call<N extends CallName, R>(c: {
  may: readonly ProcessName[]
  input: (context: Context) => Reader<R>
  run: (context: Context, input: R, caller: ProcessName) => Promise<Calls[N]['out']> | Calls[N]['out']
}): Call<N> {
  return c as unknown as Call<N>
}
