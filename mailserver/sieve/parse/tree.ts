/** A script as RFC 5228 §8.2 reads it, before anybody knows what its words mean. Positions count from 1. */
export type At = { line: number; column: number }

export type StringNode = { kind: 'string'; at: At; value: string }
export type Argument =
  | StringNode
  | { kind: 'number'; at: At; value: number }
  | { kind: 'list'; at: At; values: StringNode[] }
  | { kind: 'tag'; at: At; name: string }

/** A command, or a test: both are a word with arguments. */
export type CommandNode = {
  at: At
  /** lower case */
  name: string
  arguments: Argument[]
  tests: CommandNode[]
  /** the tests stood in parentheses */
  testList: boolean
  block?: CommandNode[]
}
