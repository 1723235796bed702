import { subsystem } from '#kit/log.ts'
import type { Statements } from '#kit/store/statements.ts'
import type { Change } from '../port.ts'
import { settle } from './group.ts'

const log = subsystem('store')
/** Copies that are to go lie in sight of people until then. */
const AGAIN_MS = 5_000

/** What interrupted jobs left (unfinished.ts), settled step by step. What cannot be settled now, on a full disk, keeps nobody from anything else. */
export class Settling {
  readonly #sql: Statements
  readonly #dir: string
  #notBefore: number | undefined

  constructor(sql: Statements, dir: string) {
    this.#sql = sql
    this.#dir = dir
  }

  /** @returns what changed; undefined: nothing was left, or it is not yet time to try again */
  step(): Change[] | undefined {
    if ((this.waits ?? 0) > 0) return undefined
    this.#notBefore = undefined
    try {
      return settle(this.#sql, this.#dir)
    } catch (err) {
      log.error({ err }, 'what was interrupted cannot be settled')
      this.#notBefore = performance.now() + AGAIN_MS
      return undefined
    }
  }

  /** Milliseconds after which a failed step is to be tried again, if there is one. */
  get waits(): number | undefined {
    return this.#notBefore === undefined ? undefined : Math.max(0, this.#notBefore - performance.now())
  }
}
