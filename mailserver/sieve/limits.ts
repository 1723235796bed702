/**
 * What a script may cost. Scripts are written by officials, but also pasted from anywhere: each bound stands before the
 * expensive step, and none is reached by a script that a person could read through.
 */

/** A form with 200 rules comes to 60 KB; mbsync-like generated scripts of other servers stay below 100 KB. */
export const MAX_SCRIPT_OCTETS = 128 * 1024
/** Blocks in blocks and tests in tests; RFC 5228 §2.10.5 asks for 15. Each level is a stack frame. */
export const MAX_NESTING = 32
/** A string list: all members of the largest group are fewer. */
export const MAX_LIST = 2_000
/** Errors told at once; whoever sees twenty mends the first and asks again. */
export const MAX_FAULTS = 20

/**
 * One for each command, test and comparison, more for long texts (see `Machine.spend`). A script of 200 rules with ten keys
 * each costs 4,000 on an ordinary letter.
 */
export const MAX_STEPS = 50_000
/** Mailboxes, redirects, replies and refusals of one run; RFC 5228 §2.10.5 asks for at least one of each. */
export const MAX_ACTIONS = 32
/** Copies that one letter may become outside. More is a distribution list, which has an owner and a page. */
export const MAX_REDIRECTS = 4
/** People whom one letter may call. */
export const MAX_NOTIFIED = 4
/** A burst of letters is one call: a telephone that rings every second is switched off. */
export const NOTIFY_SECONDS = 60
/** Redirects of redirects, by the fields that each leaves: no real chain is longer than two. */
export const MAX_HOPS = 5

/** RFC 5229 §3: at least 128 variables of 4,000 characters. Doubling one 64 times ends here instead of at 2^64. */
export const MAX_VARIABLES = 128
export const MAX_VARIABLE = 16 * 1024
/** A string after its variables were put in: a long reply, or a list of keys. */
export const MAX_STRING = 64 * 1024
/** RFC 6609 §3.1 leaves it to us; nobody includes an include of an include. */
export const MAX_INCLUDE_DEPTH = 10
/** Scripts that one run may enter, the same one counted each time. */
export const MAX_INCLUDES = 64

/** A pattern that a person can read; RE2's own programs stay small below it. */
export const MAX_REGEX = 1_000
/** Characters of a body that `body` looks at, each of the parts: what is not found here is not what the letter says. */
export const MAX_BODY = 1024 * 1024
/** Header fields that addheader may add in one run. */
export const MAX_ADDED_FIELDS = 20
/** RFC 5322 §2.1.1, folded or not: one field of ours is one thought. */
export const MAX_ADDED_FIELD = 2_000

/** RFC 5230 §4.1: at least 1 day is recommended, at most 7 must be possible; longer than a season nobody is away. */
export const VACATION_DAYS = { least: 1, usual: 7, most: 90 } as const
/** RFC 6131 §2 allows 0, which is a loop waiting for a partner. */
export const VACATION_SECONDS_LEAST = 60
/** RFC 7352 §3: what `duplicate` remembers, by default a week; longer than a quarter only fills the disk. */
export const DUPLICATE_SECONDS = { usual: 7 * 86_400, most: 90 * 86_400 } as const

/**
 * Milliseconds after which a run is ended whatever it does. An ordinary one takes less than one, and the steps bound the worst
 * to about a second; the rest is for a machine on which the thread does not get its turn.
 */
export const RUN_MS = 10_000
