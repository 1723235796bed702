/** Programs written elsewhere that tests run; those that a machine does not have are skipped there. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Rejects when it ends with another code than 0; output as text. */
export const run = promisify(execFile)

/** Is there such a program on PATH? */
export const installed = (program: string): boolean => spawnSync('which', [program], { stdio: 'ignore' }).status === 0
