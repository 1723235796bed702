/**
 * How much an account may hold. Offices, registers and services have no limits; what `ledger.commit` or a service delivers
 * asks for none (docs/operations/quota.md).
 */
/** octets, and messages, allowed in all; absent: as many as there is disk */
export type Limits = { quota?: number; mostMessages?: number }
export type Usage = { octets: number; messages: number }

/** The limits of an account, for a job of the store. */
export function limitsOf({ quota, mostMessages }: Limits): Limits {
  return { ...(quota !== undefined && { quota }), ...(mostMessages !== undefined && { mostMessages }) }
}

/** Whether `more` does not fit beside what there is. */
export function exceeds(used: Usage, more: Usage, { quota, mostMessages }: Limits): boolean {
  return (
    (quota !== undefined && more.octets > 0 && used.octets + more.octets > quota) ||
    (mostMessages !== undefined && more.messages > 0 && used.messages + more.messages > mostMessages)
  )
}

/** Of the limit that is nearer, 1 when it is reached; undefined without limits. */
export function shareOf(used: Usage, { quota, mostMessages }: Limits): number | undefined {
  const part = (n: number, limit: number) => (limit > 0 ? n / limit : n > 0 ? Number.POSITIVE_INFINITY : 0)
  const shares = [
    ...(quota === undefined ? [] : [part(used.octets, quota)]),
    ...(mostMessages === undefined ? [] : [part(used.messages, mostMessages)]),
  ]
  return shares.length > 0 ? Math.max(...shares) : undefined
}
