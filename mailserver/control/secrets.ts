import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProcessName } from '#kit/directory/calls.ts'

export const callers: readonly ProcessName[] = ['edge', 'workers', 'desk', 'portal', 'sink', 'cli']

/**
 * The secret of each process that calls us, 256 random bits, made at first start in a file of mode 0600.
 *
 * @param file path of a process's secret, `paths(data).secret`
 */
export function readSecrets(file: (process: ProcessName) => string): ReadonlyMap<ProcessName, string> {
  return new Map(callers.map((name) => [name, readSecret(file(name))]))
}

function readSecret(path: string): string {
  for (;;) {
    try {
      const secret = readFileSync(path, 'utf8').trim()
      if (secret.length < 43)
        throw new Error(`${path} is not a secret: remove the file, a new one is made at the next start`)
      return secret
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
      make(path)
    }
  }
}

/** Appears under its name only when whole; when two processes make it at once, one file stays and both read that. */
function make(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  const fd = openSync(draft, 'w', 0o600)
  writeSync(fd, `${randomBytes(32).toString('base64url')}\n`)
  fsyncSync(fd)
  closeSync(fd)
  try {
    linkSync(draft, path)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err
  } finally {
    rmSync(draft, { force: true })
  }
}

/** In constant time, whatever the lengths. */
export function sameSecret(given: string, known: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(known))
}
