/** The thread in which scripts run: one job at a time, no state but programs that were checked already. */
import { parentPort } from 'node:worker_threads'
import { readFields } from '#mailserver/mime/fields.ts'
import { type Checked, checkScript } from '../check/check.ts'
import type { Program } from '../check/definition.ts'
import { RunFault } from '../run/facts.ts'
import { runScript } from '../run/run.ts'
import type { Ran, RunJob } from './protocol.ts'

/** Those of a busy department; a program is some tens of kilobytes. */
const MOST_KEPT = 200
const kept = new Map<string, Checked>()

function checked(script: string): Checked {
  const known = kept.get(script)
  if (known) return known
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!)
  const made = checkScript(script)
  kept.set(script, made)
  return made
}

function run({ script, others, header, raw, facts }: RunJob): Ran {
  const main = checked(script)
  if ('faults' in main) return { fault: main.faults[0]! }
  const included = (name: string): Program | undefined => {
    const text = Object.hasOwn(others, name) ? others[name] : undefined
    const made = text === undefined ? undefined : checked(text)
    return made && 'program' in made ? made.program : undefined
  }
  const octets = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  try {
    const fields = readFields(octets, 0, octets.length)
    return { outcome: runScript(main.program, { ...facts, fields, ...(raw ? { raw } : {}) }, included) }
  } catch (err) {
    if (err instanceof RunFault) return { fault: { line: err.line, vi: err.vi, en: err.message } }
    throw err
  }
}

parentPort!.on('message', (job: RunJob) => parentPort!.postMessage(run(job)))
