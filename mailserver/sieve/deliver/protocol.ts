import type { Facts, Outcome } from '../run/facts.ts'

/** What goes to the thread that runs scripts: everything that a run may know, as data. */
export type RunJob = {
  script: string
  /** the owner's other scripts by name, where the script includes any */
  others: Readonly<Record<string, string>>
  /** the recipient's own lines and the message's header */
  header: Uint8Array
  raw?: Uint8Array
  facts: Omit<Facts, 'fields' | 'raw'>
}
export type Ran = { outcome: Outcome } | { fault: { line: number; vi: string; en: string } }
