/**
 * How often the writer has committed: one integer that all threads see. What was read stays true as long as it stays the same, and to look
 * at it costs nothing where the shortest read takes two microseconds, most of it for the locks of the file.
 */
export class Commits {
  /** to be handed to other threads */
  readonly shared: SharedArrayBuffer
  readonly #count: Int32Array

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared
    this.#count = new Int32Array(shared)
  }

  get now(): number {
    return Atomics.load(this.#count, 0)
  }

  /** By the writer, after a commit and before anybody is answered: who was answered finds what was done. */
  add(): void {
    Atomics.add(this.#count, 0, 1)
  }
}

/** Answers kept at a time. */
const maxAnswers = 1_000

/** Answers that are good until the next commit, for small questions that every command asks. */
export class UntilCommit<T> {
  readonly #commits: Commits
  readonly #read: (key: number) => T
  readonly #answers = new Map<number, T>()
  #at = 0

  constructor(commits: Commits, read: (key: number) => T) {
    this.#commits = commits
    this.#read = read
  }

  get(key: number): T {
    const now = this.#commits.now // before the read: what is committed meanwhile makes the answer one to be read again
    if (now !== this.#at || this.#answers.size >= maxAnswers) {
      this.#answers.clear()
      this.#at = now
    }
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const answer = this.#read(key)
    this.#answers.set(key, answer)
    return answer
  }
}
