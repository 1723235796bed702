import type { ChildMessage } from '#kit/process/supervise.ts'

/** Milliseconds after the last commit in which what is still to be said to clients may leave. */
const lingerMs = 1_000

/**
 * Runs one process of the suite: start, say ready, wait for SIGTERM, SIGINT or the parent's end, close. A failed start
 * throws, so the exit code is not 0 and the parent tries again.
 *
 * @param start resolves when the process serves; `{off: reason}` when it has nothing to do here
 */
export async function runProcess(start: () => Promise<AsyncDisposable | { off: string }>): Promise<void> {
  const stop = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.resolve())
  process.once('disconnect', () => stop.resolve()) // the parent is gone: never outlive it
  const running = await start().catch((err: unknown) => {
    // the channel to the parent, and what a failed start left open, would keep a process that serves nothing
    if (process.connected) process.disconnect?.()
    setTimeout(() => process.exit(1), lingerMs).unref() // the caller prints `err` before
    throw err
  })
  if ('off' in running) {
    tell({ congso: 'off', reason: running.off })
    process.disconnect?.()
    return
  }
  tell({ congso: 'ready' })
  await stop.promise
  await running[Symbol.asyncDispose]()
  if (process.connected) process.disconnect?.()
  // a client that keeps its half of a connection open must not keep us: all that was accepted is written
  setTimeout(() => process.exit(), lingerMs).unref()
}

/** Something that somebody must look after soon, though the process serves; undefined when it no longer is so. Shown by `/healthz`. */
export function warnParent(text: string | undefined): void {
  if (process.connected) tell(text === undefined ? { congso: 'warning' } : { congso: 'warning', text })
}

function tell(message: ChildMessage): void {
  process.send?.(message)
}
