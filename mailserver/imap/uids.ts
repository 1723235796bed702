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
