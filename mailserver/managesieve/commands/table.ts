/** Every command that this server knows. Adding one is a file and a line here. */
import { authenticate } from './authenticate.ts'
import { capability } from './capability.ts'
import { checkscript } from './checkscript.ts'
import type { Command } from './command.ts'
import { deletescript } from './deletescript.ts'
import { getscript } from './getscript.ts'
import { havespace } from './havespace.ts'
import { listscripts } from './listscripts.ts'
import { logout } from './logout.ts'
import { noop } from './noop.ts'
import { putscript } from './putscript.ts'
import { renamescript } from './renamescript.ts'
import { setactive } from './setactive.ts'
import { starttls } from './starttls.ts'
import { unauthenticate } from './unauthenticate.ts'

const all = [
  ...[capability, starttls, authenticate, unauthenticate, logout, noop],
  ...[havespace, putscript, checkscript, listscripts, setactive, getscript, deletescript, renamescript],
]

/** By name in capitals. */
export const commands: ReadonlyMap<string, Command> = new Map(all.map((each) => [each.name, each]))
