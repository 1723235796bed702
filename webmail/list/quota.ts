import { size } from '#kit/web/format.ts'

export type QuotaShown = { used: string; limit: string; share: number }

/**
 * Quotas are given in powers of 1024 (RFC 9208 §4 counts in units of 1024 octets), so that "1 GB" on the page is the 1 GB
 * that was granted; sizes of files elsewhere are decimal, as file managers show them.
 */
export function quotaShown(quota: { used: number; limit: number } | undefined): QuotaShown | undefined {
  if (!quota || quota.limit <= 0) return undefined
  return {
    used: size(decimal(quota.used)),
    limit: size(decimal(quota.limit)),
    share: Math.min(100, (quota.used / quota.limit) * 100),
  }
}

/** The number of octets that, in powers of 1000, reads like `octets` in powers of 1024. */
function decimal(octets: number): number {
  const power = octets < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(octets) / 10))
  return Math.round((octets / 1024 ** power) * 1000 ** power)
}
