/** Every command that this server knows. Adding one is a file and a line here. LAST and APOP are not among them. */
import { auth } from './auth.ts'
import { capa } from './capa.ts'
import type { AnyCommand } from './command.ts'
import { dele, rset } from './dele.ts'
import { lang } from './lang.ts'
import { list, stat, uidl } from './list.ts'
import { noop } from './noop.ts'
import { quit } from './quit.ts'
import { retr, top } from './retr.ts'
import { stls } from './stls.ts'
import { pass, user } from './user.ts'
import { utf8 } from './utf8.ts'

const all = [
  ...[capa, quit, lang],
  ...[stls, utf8, user, pass, auth],
  ...[stat, list, uidl, retr, top, dele, rset, noop],
]

/** By name in capitals. */
export const commands: ReadonlyMap<string, AnyCommand> = new Map(all.map((each) => [each.name, each]))
