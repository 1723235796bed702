import type { Checker } from '../../check/checker.ts'
import { type Args, action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { isVariableName } from '../../parse/template.ts'
import { flagsOf } from '../flags.ts'
import type { Machine } from '../machine.ts'

function check(args: Args, c: Checker): void {
  if (args.positional.length < 2) return
  c.needs(args.at, 'cờ trong biến', 'variables')
  const name = wordOf(args.positional[0])
  if (name === undefined || !isVariableName(name.replace(/^global\./i, '')))
    c.fault(args.positional[0]!.at, 'đây không phải tên biến', 'this is no name of a variable')
}

/** setflag, addflag, removeflag (RFC 5232 §3) on the internal variable or on a named one. */
function change(name: string, change: (now: string[], given: string[]) => string[]) {
  return action({
    name,
    extension: 'imap4flags',
    positional: ['string', 'strings'],
    firstOptional: true,
    check,
    run(args, m: Machine) {
      const given = flagsOf(m.strings(args.positional.at(-1)))
      if (args.positional.length === 1) {
        m.flags = flagsOf(change(m.flags, given))
        return
      }
      const variable = wordOf(args.positional[0])!.toLowerCase()
      m.set(args.at, variable, flagsOf(change(flagsOf([m.get(variable)]), given)).join(' '))
    },
  })
}

export const setflag = change('setflag', (_, given) => given)
export const addflag = change('addflag', (now, given) => [...now, ...given])
export const removeflag = change('removeflag', (now, given) => {
  const gone = new Set(given.map((g) => g.toLowerCase()))
  return now.filter((n) => !gone.has(n.toLowerCase()))
})
