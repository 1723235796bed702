/**
 * The table of processes, and the only place where the parts are joined: which exist, in what order they start,
 * and what each is made of. Parts are loaded when their process starts, so a process holds only its own code.
 */
import { readFileSync } from 'node:fs'
import { loadProvince } from '#config/load.ts'
import { paths, type Settings } from '#config/settings.ts'
import type { ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { health } from '#kit/process/status.ts'

export type ProcessEntry = {
  name: string
  /** processes of one stage start together, after the stage before is ready; they stop in the reverse order */
  stage: 1 | 2 | 3
  /** one Vietnamese line for the list that start prints */
  about: string
  /** why it does not run with these settings, or undefined */
  off?: (settings: Settings) => string | undefined
  start: (settings: Settings) => Promise<AsyncDisposable | { off: string }>
}

export const processes: readonly ProcessEntry[] = [
  {
    name: 'mailserver',
    stage: 1,
    about: 'hộp thư, IMAP, gửi thư',
    start: async (settings) => (await import('#mailserver/start.ts')).startMailserver({ settings }),
  },
  {
    name: 'rspamd',
    stage: 2,
    about: 'quét thư rác',
    off: (settings) => (settings.rspamd === 'off' ? 'tắt trong cấu hình (CONGSO_RSPAMD=off)' : undefined),
    start: async (settings) => (await import('#mailserver/spam/start.ts')).startRspamd({ settings }),
  },
  {
    name: 'edge',
    stage: 3,
    about: 'nhận thư từ bên ngoài (SMTP)',
    start: async (settings) => (await import('#mailserver/edge/start.ts')).startEdge({ settings }),
  },
  {
    name: 'workers',
    stage: 3,
    about: 'xử lý hồ sơ trong các hộp thư sổ',
    start: async (settings) =>
      (await import('#workflow/worker/start.ts')).startWorkers({
        settings,
        province: province(settings),
        directory: directoryFor(settings, 'workers'),
      }),
  },
  {
    name: 'portal',
    stage: 3,
    about: 'cổng dịch vụ công',
    start: async (settings) =>
      (await import('#portal/start.ts')).startPortal({
        settings,
        province: province(settings),
        directory: directoryFor(settings, 'portal'),
        health: () => health(paths(settings.data).status),
      }),
  },
  {
    name: 'desk',
    stage: 3,
    about: 'bàn làm việc và thư của cán bộ',
    start: async (settings) => (await import('./desk.ts')).startDesk({ settings, province: province(settings) }),
  },
  {
    name: 'sink',
    stage: 2,
    about: 'hộp thư bên ngoài (giả lập)',
    off: (settings) => (settings.mode === 'production' ? 'chỉ có khi chạy thử trên một máy' : undefined),
    start: async (settings) => (await import('#mailserver/outbound/sink/start.ts')).startSink({ settings }),
  },
]

export function province(settings: Settings) {
  return loadProvince(`${import.meta.dirname}/config/provinces/${settings.province}`)
}

/** A process's own way into the control API; the secret was written by the mailserver at its first start. */
export function directoryFor(settings: Settings, name: ProcessName) {
  const at = paths(settings.data)
  return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
}
