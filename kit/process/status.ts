import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ProcessState } from '#kit/process/supervise.ts'

/** What the parent writes down for the others: `DATA/run/status.json`, rewritten on every change and every 5 s. */
export type SuiteStatus = { pid: number; at: number; processes: Record<string, ProcessState> }

/** Older than this, the parent itself is taken to be gone. */
const staleMs = 15_000

export function writeStatus(file: string, status: SuiteStatus): void {
  writeFileSync(`${file}.part`, JSON.stringify(status))
  renameSync(`${file}.part`, file)
}

export function readStatus(file: string): SuiteStatus | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SuiteStatus
  } catch {
    return undefined // no suite has run on this folder
  }
}

/** @returns 200 when every process is ready or off, else 503, with each one's state; the body of `GET /healthz` */
export function health(file: string): {
  code: 200 | 503
  body: { ok: boolean; processes: Record<string, ProcessState> }
} {
  const status = readStatus(file)
  const alive = status !== undefined && Date.now() - status.at < staleMs
  const processes = status?.processes ?? {}
  const ok = alive && Object.values(processes).every((p) => p.state === 'ready' || p.state === 'off')
  return { code: ok ? 200 : 503, body: { ok, processes } }
}
