/**
 * Outside recipients that the sink does not take, so that reports of non-delivery and retries can be seen on one machine:
 * `refuse@…` is refused for good (RFC 5321 §4.2.1, 550), `later@…` each time for now (451).
 */
export function refusal(address: string): (Error & { responseCode: number }) | undefined {
  const local = address.slice(0, address.lastIndexOf('@')).toLowerCase()
  if (local === 'refuse') return Object.assign(new Error('5.1.1 no such mailbox'), { responseCode: 550 })
  if (local === 'later') return Object.assign(new Error('4.2.1 mailbox is busy, try again'), { responseCode: 451 })
  return undefined
}
