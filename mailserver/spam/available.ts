import { accessSync, constants } from 'node:fs'
import type { Settings } from '#config/settings.ts'

const programs = ['/usr/bin/rspamd', '/usr/local/bin/rspamd']
/** Debian's package keeps its configuration here; ours is made from it. */
export const packagedConfig = '/etc/rspamd'

export type Scanner = { on: true; program: string } | { on: false; why: string }

/** Whether mail can be scanned on this machine; `why` is Vietnamese, for the page of health and the start. */
export function scanner(settings: Pick<Settings, 'rspamd'>): Scanner {
  if (settings.rspamd === 'off') return { on: false, why: 'CONGSO_RSPAMD=off: thư không được quét thư rác' }
  const program = programs.find(runs)
  if (!program) return { on: false, why: 'chưa cài gói rspamd: thư không được quét thư rác' }
  return { on: true, program }
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    accessSync(`${packagedConfig}/rspamd.conf`, constants.R_OK)
    return true
  } catch {
    return false // not installed, or not for this user: the same for us
  }
}
