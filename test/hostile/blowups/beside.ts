/**
 * What a command costs its neighbours: it runs on one connection while another, of the same thread, asks for little things. Nothing
 * here is held against a clock of ours: a second on this machine may be a minute on another, so times of one run are compared.
 */
import { expect } from 'chai'
import type { Client } from '#test/mailserver/imap/fixture.ts'

/** NOOPs that one unit of time is made of: some hundred milliseconds on a machine that does nothing else. */
const noops = 1_000

export type Cost = {
  answer: string
  /** milliseconds */
  took: number
  /** the longest that the neighbour waited for one answer, milliseconds */
  waited: number
  /** how often the neighbour was answered meanwhile */
  answered: number
}

/** Milliseconds of many little commands one after the other: what other times are measured in. */
export async function unitOf(neighbour: Client): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < noops; n++) await neighbour.ok('NOOP')
  return performance.now() - began
}

let commands = 0

/** Sends commands in one write and waits for the last tagged answer, looking at the end of what comes alone: answers are large. */
function ask(client: Client, lines: readonly (string | Buffer)[]): Promise<string> {
  const tags = lines.map(() => `h${++commands}`)
  const last = new RegExp(`(?:^|\n)${tags.at(-1)} [^\r\n]*\r\n$`)
  const pieces: string[] = []
  let tail = ''
  const { socket } = client
  const heard = new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      pieces.push(text)
      tail = (tail + text).slice(-1_000)
      if (last.test(tail)) end()
    }
    const gone = () => end(new Error(`closed behind ${JSON.stringify(tail)}`))
    const end = (err?: Error) => {
      socket.off('data', take).off('close', gone)
      client.received = ''
      if (err) reject(err)
      else resolve(pieces.join(''))
    }
    socket.on('data', take).on('close', gone)
  })
  client.write(
    Buffer.concat(lines.flatMap((line, n) => [Buffer.from(`${tags[n]} `), Buffer.from(line), Buffer.from('\r\n')])),
  )
  return heard
}

/** @returns its tagged lines have no tag any more */
export async function beside(client: Client, neighbour: Client, ...lines: (string | Buffer)[]): Promise<Cost> {
  let over = false
  const began = performance.now()
  const running = ask(client, lines).finally(() => {
    over = true
  })
  running.catch(() => undefined) // told below
  let [waited, answered] = [0, 0]
  while (!over) {
    const asked = performance.now()
    await neighbour.ok('NOOP')
    waited = Math.max(waited, performance.now() - asked)
    answered++
  }
  const answer = (await running).replaceAll(/^h\d+ /gm, '')
  return { answer, took: performance.now() - began, waited, answered }
}

/** A machine that is busy with something else makes one of them wait too; a command that holds the thread does so every time. */
const tries = 3

/**
 * Others were served in between: nobody waited for a large part of it, unless all of it was short.
 *
 * @param unit of `unitOf`, in this run
 */
export async function fair(
  { client, neighbour, unit }: { client: Client; neighbour: Client; unit: number },
  ...lines: (string | Buffer)[]
): Promise<Cost> {
  for (let n = 1; ; n++) {
    const cost = await beside(client, neighbour, ...lines)
    const most = Math.max(cost.took / 3, 3 * unit)
    if (cost.waited < most) return cost
    if (n === tries) expect(cost.waited, `it took ${Math.round(cost.took)} ms; a NOOP meanwhile`).to.be.below(most)
  }
}
