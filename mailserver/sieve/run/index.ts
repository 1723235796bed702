import type { Args } from '../check/definition.ts'

/** :index and :last (RFC 5260 §6): the one field that is meant, or all of them. */
export function atIndex<T>(args: Args, values: readonly T[]): readonly T[] {
  const index = args.tags.get('index')?.value
  if (index?.kind !== 'number') return values
  const place = args.tags.has('last') ? values.length - index.value : index.value - 1
  const one = values[place]
  return one === undefined ? [] : [one]
}
