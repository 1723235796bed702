/** What a fuzz run knows of one listener. */
import type { Dice } from './dice.ts'
import type { Address, Wire } from './wire.ts'

/** The suite, as far as fuzzing needs it. */
export type Ground = {
  ports: { [name: string]: number }
  data: string
  password: string
  victim: string
  bystander: string
  /** has a letter of two million octets, for answers of many lines */
  reader: string
}

export type State = {
  name: string
  /** Brings a fresh connection into the state. @throws Gone when the server hangs up */
  enter: (wire: Wire, dice: Dice, ground: Ground) => Promise<void>
  /** signs in: comes from a network where it did before, so that other inputs' wrong passwords do not slow it */
  known?: true
  /** what is sent here; the target's own when absent */
  input?: (dice: Dice) => Buffer
  /** octets go into the connection below its layers (TLS, DEFLATE) */
  raw?: true
  /** on a port under TLS from the start: begins without it */
  bare?: true
}

export type Target = {
  name: string
  at: (ground: Ground) => { port: number } | { path: string }
  /** under TLS from the start */
  secured?: true
  states: readonly State[]
  /** one command, right or wrong, with its line end or without */
  command: (dice: Dice) => string
  /** whole sessions as programs have them, to be damaged */
  sessions: readonly string[]
  /** What an honest client does; throws when it is not served. */
  serve: (ground: Ground, open: () => Promise<Wire>) => Promise<void>
}

/** Where fuzzing connections come from, when it does not matter. */
export const anywhere = (dice: Dice): string => `127.${1 + dice.below(250)}.${dice.below(250)}.${1 + dice.below(250)}`
/** Networks that sign in with the right password before the run begins. */
export const knownNetwork = '127.0.7.1'
export const bystanderNetwork = '127.0.8.1'

export type { Address }

/** Words separated by a blank, as a client or a bad one puts them. */
export const words = (dice: Dice, list: readonly string[]): string =>
  list.join(dice.oneIn(40) ? dice.pick(['  ', '', '\t']) : ' ')
