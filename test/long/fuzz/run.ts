/** A fuzz run: one listener, every state, for some seconds. Rounds of connections, and after each a look at everything. */
import { expect } from 'chai'
import { people } from '#test/journey/staff.ts'
import type { TestSuite } from '#test/suite.ts'
import { Dice } from './dice.ts'
import { mutate } from './mutate.ts'
import { anywhere, bystanderNetwork, type Ground, knownNetwork, type State, type Target } from './target.ts'
import { Watch } from './watch.ts'
import { Gone, Wire } from './wire.ts'

/** connections of one round, at once */
const together = 8
/** Milliseconds for an honest client meanwhile; two cores carry the suite, the run and the other tests. */
const servedMs = 20_000
/** Milliseconds without an answer after which a connection has said all that it will. */
const silentMs = 250

export const password = 'CongSo@2026'
export const groundOf = (suite: TestSuite): Ground => ({
  ports: suite.ports,
  data: suite.data,
  password,
  victim: people.officer,
  bystander: people.head,
  reader: people.clerk,
})

/** @returns how often each state was entered */
export async function fuzz(
  suite: TestSuite,
  target: Target,
  { seed, seconds }: { seed: string; seconds: number },
): Promise<Map<string, number>> {
  const ground = groundOf(suite)
  const watch = new Watch(suite)
  await honest(target, ground)
  const entered = new Map(target.states.map(({ name }) => [name, 0]))
  let connections = 0
  // every state at least once, however short the time
  for (
    const end = performance.now() + seconds * 1000;
    performance.now() < end || connections < target.states.length;
  ) {
    const names = Array.from({ length: together }, () => `${seed}/${target.name}/${connections++}`)
    const wrong = (
      await Promise.all([
        ...names.map((name, n) =>
          one(target, target.states[(connections - together + n) % target.states.length]!, name, ground, (state) =>
            entered.set(state, entered.get(state)! + 1),
          ),
        ),
        honest(target, ground).then(
          () => undefined,
          (err: Error) => `an honest client: ${err.message}`,
        ),
      ])
    ).filter((text) => text !== undefined)
    expect([...wrong, ...watch.look()], `seed ${seed}, ${target.name}, connections up to ${connections}`).to.deep.equal(
      [],
    )
  }
  // a run that never gets into a state tests nothing there
  expect(
    [...entered].filter(([, times]) => times === 0),
    'states never entered',
  ).to.deep.equal([])
  return entered
}

/** The input of one connection follows from its name alone. */
export function inputOf(target: Target, state: State, dice: Dice): Buffer {
  if (state.input && !dice.oneIn(4)) return state.input(dice)
  if (dice.oneIn(3)) return mutate(dice, Buffer.from(dice.pick(target.sessions), 'latin1'))
  const commands = dice.some(1, dice.oneIn(10) ? 200 : 20, () => target.command(dice)).join('')
  const octets = Buffer.from(commands, 'latin1')
  return dice.oneIn(8) ? octets.subarray(0, dice.below(octets.length)) : octets
}

/** @returns what the server did wrong */
async function one(
  target: Target,
  state: State,
  name: string,
  ground: Ground,
  entered: (state: string) => void,
): Promise<string | undefined> {
  const dice = new Dice(name)
  const from = state.known ? knownNetwork : anywhere(dice)
  let wire: Wire | undefined
  try {
    wire = await Wire.open({ ...target.at(ground), from }, { secured: (target.secured ?? false) && !state.bare })
    await state.enter(wire, dice, ground)
    entered(state.name)
    const input = inputOf(target, state, dice)
    for (let at = 0; at < input.length && !wire.closed; ) {
      const piece = input.subarray(at, at + dice.pick([1, 100, 1_500, 70_000, input.length]))
      if (state.raw) wire.sendRaw(piece)
      else wire.send(piece)
      at += piece.length
      if (dice.oneIn(3)) await wire.quiet(1)
    }
    if (dice.oneIn(2)) wire.end()
    await wire.quiet(silentMs)
  } catch (err) {
    if (!(err instanceof Gone)) return `${name} (${state.name}): ${(err as Error).message}`
    if (/ms without/.test(err.message)) return `${name} (${state.name}): ${err.message}`
  } finally {
    wire?.destroy()
  }
  return wire?.fault === undefined ? undefined : `${name} (${state.name}): ${wire.fault}`
}

async function honest(target: Target, ground: Ground): Promise<void> {
  const began = performance.now()
  const at = { ...target.at(ground), from: bystanderNetwork }
  await target.serve(ground, () => Wire.open(at, { secured: target.secured ?? false }))
  const took = performance.now() - began
  if (took > servedMs) throw new Error(`waited ${Math.round(took)} ms`)
}
