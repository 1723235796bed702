import { pino } from 'pino'

/**
 * One logger for each subsystem; every line is JSON on standard error with `subsystem` and, where there
 * is one, `ref`: the reference that the user sees on the page or in the SMTP reply. The level is
 * `CONGSO_LOG_LEVEL`, or `CONGSO_LOG_LEVEL_<SUBSYSTEM>` (upper case, `:` and `-` as `_`) for one subsystem.
 */
export type Log = Pick<ReturnType<typeof pino>, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

const root = pino(
  { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
  pino.destination({ fd: 2, sync: true }),
)

export function subsystem(name: string): Log {
  const own = process.env[`CONGSO_LOG_LEVEL_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`]
  return root.child({ subsystem: name }, { level: own ?? process.env['CONGSO_LOG_LEVEL'] ?? 'info' })
}
