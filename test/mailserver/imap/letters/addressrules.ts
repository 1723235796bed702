/** Differences in the addresses of an envelope. An address is [name, route, mailbox, host]; a group begins and ends with one. */
import type { Value } from './answer.ts'
import type { Field } from './differences.ts'
import { same } from './differences.ts'
import { headerOf, nameOf, type Rule } from './rules.ts'

const missing = /^=(MISSING_MAILBOX|MISSING_DOMAIN)$/
const nobody = [null, null, '=', '=']
const listed = (value: Value): Value[] => (Array.isArray(value) ? value : [])
const orNil = (list: Value[]): Value => (list.length === 0 ? null : list)
const each = (value: Value, change: (address: Value[]) => Value): Value =>
  Array.isArray(value) ? value.map((one) => (Array.isArray(one) ? change(one) : one)) : value

export const addressRules = (fields: readonly Field[]): Rule[] => [
  {
    why: 'a part of an address that is missing is empty; Dovecot writes MISSING_MAILBOX or MISSING_DOMAIN, which nobody wrote',
    fields,
    level: ({ theirs }) => ({
      theirs: each(theirs, ([name, route, mailbox, host]) => [
        name!,
        route!,
        missing.test(String(mailbox)) ? '=' : mailbox!,
        missing.test(String(host)) ? '=' : host!,
      ]),
    }),
  },
  {
    why: 'nothing between two commas is no address (RFC 5322 §4.4, obs-addr-list); Dovecot counts it',
    fields,
    level: ({ ours, theirs }, _reading) => {
      const people = (list: Value) => orNil(listed(list).filter((one) => !same(one, nobody)))
      return { ours: people(ours), theirs: people(theirs) }
    },
  },
  {
    why: 'blanks in a name stay one each (RFC 5322 §2.2.3); Dovecot makes one of several',
    fields,
    level: ({ ours }) => ({
      ours: each(ours, ([name, ...rest]) => [
        typeof name === 'string' ? name.replaceAll(/[ \t]+/g, ' ').trim() : name!,
        ...rest,
      ]),
    }),
  },
  {
    why: 'an address that is cut short or breaks RFC 5322 §3.4.1 is told as far as it stands; Dovecot says SYNTAX_ERROR',
    fields,
    level: ({ ours, theirs }) => {
      const mine = listed(ours)
      return {
        theirs: orNil(
          listed(theirs).map((one, n) => {
            const own = mine[n]
            return Array.isArray(one) && one[3] === '=SYNTAX_ERROR' && Array.isArray(own) && same(own[0]!, one[0]!)
              ? own
              : one
          }),
        ),
      }
    },
  },
  {
    why: 'a Sender or Reply-To without an address is From (RFC 9051 §7.5.2); Dovecot tells one that is missing',
    fields: ['envelope sender', 'envelope reply-to'],
    level: (d, reading) =>
      d.theirs === null && reading.values(headerOf(d), nameOf(d.field)).every((value) => /^[,;<> \t]+$/.test(value))
        ? { theirs: d.ours }
        : {},
  },
  {
    why: 'a semicolon between addresses separates them, as Outlook writes them (RFC 5322 §3.4 has it for groups alone); Dovecot stops there',
    fields,
    level: (d, reading) =>
      reading.values(headerOf(d), nameOf(d.field)).some((value) => /^[^:]*;|;[ \t]*[^, \t]/.test(value))
        ? { ours: orNil(listed(d.ours).slice(0, listed(d.theirs).length)) }
        : {},
  },
  {
    why: 'a domain that begins or ends with a dot is told as it stands, though RFC 5322 §3.4.1 forbids it; Dovecot says that it is missing',
    fields,
    level: ({ ours, theirs }) => ({
      theirs: pairwise(ours, theirs, (own, one) =>
        /^=(\.|.*\.$)/.test(String(own[3])) && one[3] === '=' && same(own.slice(0, 3), one.slice(0, 3)) ? own : one,
      ),
    }),
  },
  {
    why: 'of an address with two @ the last one counts (RFC 5321 §4.1.2 has one); Dovecot takes the first and gives up behind it',
    fields,
    level: ({ ours, theirs }) => {
      const twice = listed(ours).findIndex((one) => Array.isArray(one) && /^=[^"]*@/.test(String(one[2])))
      if (twice < 0 || listed(theirs).length !== twice + 1) return {}
      const [name, route, mailbox] = listed(listed(ours)[twice]!)
      const [first, second] = String(mailbox).slice(1).split('@')
      return { ours: [...listed(ours).slice(0, twice), [name!, route!, `=${first}`, `=${second}`]] }
    },
  },
  {
    why: 'words before an address are its name, whatever they are (RFC 5322 §4.1, obs-phrase); Dovecot takes the first address, or all words for a name',
    fields,
    level: ({ ours, theirs }) => ({
      theirs: pairwise(ours, theirs, (own, one) => {
        const [name, , mailbox] = own.map((part) => String(part).slice(1))
        const [theirName, , theirMailbox, theirHost] = one.map((part) => String(part).slice(1))
        const all = one[2] === '=' && one[3] === '=' && theirName === `${name} ${mailbox}`
        const first = theirMailbox !== '' && name!.replaceAll(' ', '').startsWith(`${theirMailbox}@${theirHost}`)
        return all || first ? own : one
      }),
    }),
  },
]

/** Theirs, each changed beside ours in the same place. */
const pairwise = (ours: Value, theirs: Value, change: (own: Value[], one: Value[]) => Value): Value =>
  Array.isArray(theirs)
    ? theirs.map((one, n) => {
        const own = listed(ours)[n]
        return Array.isArray(one) && Array.isArray(own) ? change(own, one) : one
      })
    : theirs
