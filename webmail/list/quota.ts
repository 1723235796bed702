import { size } from '#kit/web/format.ts'

export type QuotaShown = { used: string; limit: string; share: number }

/** Quotas and sizes are decimal everywhere: 1 GB is 10^9 octets, as it was granted. */
export function quotaShown(quota: { used: number; limit: number } | undefined): QuotaShown | undefined {
  if (!quota || quota.limit <= 0) return undefined
  return { used: size(quota.used), limit: size(quota.limit), share: Math.min(100, (quota.used / quota.limit) * 100) }
}
