/** What rspamd said, as its plugin keeps it in the transaction's results; undefined when the mail was not scanned. */
export type ScanResult = { action?: unknown; score?: unknown; required_score?: unknown; symbols?: unknown }
export type Verdict = { spam: boolean; header: string }

/** A verdict names its reasons so that an official can see why a letter went to Junk; more than these help nobody. */
const MAX_SYMBOLS = 30

/** The header that travels with the mail, and whether it goes to Junk. `reject` never comes here: the door refuses it. */
export function verdictOf(scan: ScanResult | undefined): Verdict {
  if (typeof scan?.action !== 'string') return { spam: false, header: 'not scanned' }
  const spam = scan.action === 'add header' || scan.action === 'rewrite subject'
  const names = Object.keys((scan.symbols ?? {}) as object).filter((name) => /^[A-Z0-9_]+$/.test(name))
  const tests = names.slice(0, MAX_SYMBOLS).join(',\r\n\t')
  return {
    spam,
    header: `${spam ? 'Yes' : 'No'}, score=${number(scan.score)} required=${number(scan.required_score)}${tests === '' ? '' : `\r\n\ttests=${tests}`}`,
  }
}

function number(v: unknown): string {
  return typeof v === 'number' && Number.isFinite(v) ? v.toFixed(2) : '?'
}
