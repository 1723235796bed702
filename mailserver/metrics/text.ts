/** Figures as OpenMetrics text (version 1.0.0). Pure. */
type Labels = Record<string, string>
/** What goes up and down, and what only goes up. */
export type Plain = {
  kind: 'gauge' | 'counter'
  name: string
  help: string
  values: readonly { labels?: Labels; value: number }[]
}
/** `count` of those that are above the bound before and not above `to`; `beyond`: above all bounds */
export type Histogram = {
  kind: 'histogram'
  /** ends with the unit */
  name: string
  help: string
  values: readonly { labels?: Labels; buckets: readonly { to: number; count: number }[]; beyond: number; sum: number }[]
}
export type Family = Plain | Histogram

export const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export function openMetrics(families: readonly Family[]): string {
  const lines = families.flatMap((family) => [
    `# TYPE ${family.name} ${family.kind}`,
    ...(family.name.endsWith('_seconds') ? [`# UNIT ${family.name} seconds`] : []),
    `# HELP ${family.name} ${escaped(family.help)}`,
    ...(family.kind === 'histogram'
      ? family.values.flatMap((each) => histogramLines(family.name, each))
      : plainLines(family)),
  ])
  return `${lines.join('\n')}\n# EOF\n`
}

const plainLines = ({ kind, name, values }: Plain): string[] =>
  values.map(({ labels, value }) => `${name}${kind === 'counter' ? '_total' : ''}${labelText(labels)} ${value}`)

function histogramLines(name: string, { labels, buckets, beyond, sum }: Histogram['values'][number]): string[] {
  let soFar = 0
  const rows = buckets.map(({ to, count }) => {
    soFar += count
    return `${name}_bucket${labelText({ ...labels, le: Number.isInteger(to) ? `${to}.0` : String(to) })} ${soFar}`
  })
  const all = soFar + beyond
  return [
    ...rows,
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${all}`,
    `${name}_count${labelText(labels)} ${all}`,
    `${name}_sum${labelText(labels)} ${sum}`,
  ]
}

function labelText(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {})
  return pairs.length === 0 ? '' : `{${pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`
}

const escaped = (text: string): string => text.replaceAll(/[\\\n"]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
