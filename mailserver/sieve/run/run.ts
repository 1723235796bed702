/** One script, one letter: facts in, acts out. Pure: no clock, store or network. */
import type { Program } from '../check/definition.ts'
import { execute } from './execute.ts'
import type { Facts, Outcome } from './facts.ts'
import { Machine } from './machine.ts'

/**
 * @param scripts the owner's other scripts by name, checked; undefined: missing or unsound
 * @throws RunFault when the script cannot go on; then nothing of what it asked for counts (RFC 5228 §2.10.6)
 */
export function runScript(
  program: Program,
  facts: Facts,
  scripts: (name: string) => Program | undefined = () => undefined,
): Outcome {
  const m = new Machine(facts, program, scripts)
  execute(program.statements, m)
  if (m.implicitKeep && !m.acts.some((a) => a.kind === 'file' && a.mailbox === 'INBOX')) {
    const header = m.header.edit()
    m.acts.push({ kind: 'file', mailbox: 'INBOX', create: false, flags: [...m.flags], ...(header ? { header } : {}) })
  }
  return { acts: m.acts, asked: [...m.asked].map(([key, a]) => ({ key, ...a })), steps: m.steps }
}
