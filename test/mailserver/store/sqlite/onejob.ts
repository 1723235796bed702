/**
 * Opens the store in argv[2], does the job in the file argv[3] (v8.serialize of name and input) when there is one, and goes on
 * for its housekeeping: the environment says where it is to be killed.
 */
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { deserialize } from 'node:v8'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { JobName, Jobs } from '#mailserver/store/port.ts'

const [, , dir, file] = process.argv as [string, string, string, string?]
await using store = await openStoreHost({ dir })
if (file !== undefined) {
  const { job, input } = deserialize(readFileSync(file)) as { job: JobName; input: Jobs[JobName]['in'] }
  await store.write(job, input)
}
await setTimeout(20_000) // far longer than it takes: whoever is not killed ends without a signal
