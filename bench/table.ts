/** What a measurement says: one line each of the table at the end. */
export type Line = {
  what: string
  /** how it was measured, and how often */
  how: string
  unit: string
  measured: number
  /** absent: counted only, nobody set an aim */
  aim?: { most: number } | { least: number }
}

export function reached({ aim, measured }: Line): boolean | undefined {
  if (!aim) return undefined
  return 'most' in aim ? measured <= aim.most : measured >= aim.least
}

/** Markdown, so that a run can be kept as it was printed. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map((l) => {
    const aim = !l.aim
      ? ''
      : 'most' in l.aim
        ? `≤ ${number(l.aim.most)} ${l.unit}`
        : `≥ ${number(l.aim.least)} ${l.unit}`
    const said = reached(l)
    return [l.what, aim, `${number(l.measured)} ${l.unit}`, said === undefined ? '' : said ? 'yes' : 'NO', l.how]
  })
  const all = [['measurement', 'aim', 'measured', 'reached', 'how'], ...rows]
  const widths = all[0]!.map((_, i) => Math.max(...all.map((r) => r[i]!.length)))
  const text = all.map((r) => `| ${r.map((c, i) => c.padEnd(widths[i]!)).join(' | ')} |`)
  text.splice(1, 0, `|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|`)
  return text.join('\n')
}

/** @param share 0.5 for the median; the nearest rank */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

const number = (n: number): string => (n >= 100 ? Math.round(n) : Math.round(n * 10) / 10).toLocaleString('en-US')
