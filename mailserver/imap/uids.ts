/** Where a UID stands in an ascending list, of which the first `count` count. */
export function lowerBound(uids: Uint32Array, count: number, uid: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (uids[middle]! < uid) low = middle + 1
    else high = middle
  }
  return low
}

/** −1: it is not there */
export function indexOf(uids: Uint32Array, count: number, uid: number): number {
  const at = lowerBound(uids, count, uid)
  return at < count && uids[at] === uid ? at : -1
}

export const isSame = (one: Uint32Array, other: Uint32Array): boolean => octetsOf(one).equals(octetsOf(other))

const octetsOf = ({ buffer, byteOffset, byteLength }: Uint32Array) => Buffer.from(buffer, byteOffset, byteLength)

let counted = new Uint32Array()

/** from, from + 1, … up to and without `to`; not to be written to */
export function counting(from: number, to: number): Uint32Array {
  if (to > counted.length) {
    counted = new Uint32Array(to + 1024)
    for (let i = 0; i < counted.length; i++) counted[i] = i
  }
  return counted.subarray(from, to)
}
