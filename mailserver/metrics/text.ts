/** Figures as OpenMetrics text (version 1.0.0). Pure. */
export type Gauge = {
  name: string
  help: string
  values: readonly { labels?: Record<string, string>; value: number }[]
}

export const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export function openMetrics(gauges: readonly Gauge[]): string {
  const lines = gauges.flatMap(({ name, help, values }) => [
    `# TYPE ${name} gauge`,
    `# HELP ${name} ${escaped(help)}`,
    ...values.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
  ])
  return `${lines.join('\n')}\n# EOF\n`
}

function labelText(labels: Record<string, string> | undefined): string {
  if (!labels) return ''
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`
}

const escaped = (text: string): string => text.replaceAll(/[\\\n"]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
