/** From an act on the desk page to the changed screen: POST of the act's form, its redirect, the page that says that it is done. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { people } from '#test/journey/staff.ts'
import type { TestSuite } from '#test/suite.ts'
import { head } from '#test/workflow/ledger.ts'
import { DeskClient } from './deskclient.ts'
import { type Line, percentile } from './table.ts'

const cases = 30
const warmUp = 3
const aimMs = 150
/** Nobody acts twice in this time; letters of the act before are on their way meanwhile, as in an office. */
const betweenMs = 150
const dayMs = 24 * 3_600_000

type Act = { kind: string; name: string; values: () => Record<string, string> }
const acts: readonly Act[] = [
  { kind: 'dossier.receive', name: 'receive (draws the receipt as PDF)', values: () => ({}) },
  {
    kind: 'dossier.forward',
    name: 'forward',
    values: () => ({
      to: head,
      due: vietnameseDate(new Date(Date.now() + 9 * dayMs)),
      instruction: 'Thẩm định tờ khai.',
    }),
  },
]

export async function measureActs(suite: TestSuite, lodged: readonly string[]): Promise<Line[]> {
  const clerk = await DeskClient.signIn(suite.desk, people.clerk)
  const times = new Map<string, { post: number; whole: number }[]>(acts.map((a) => [a.kind, []]))
  for (const [n, id] of lodged.slice(0, cases + warmUp).entries())
    for (const act of acts) {
      const one = await perform(clerk, id, act)
      if (n >= warmUp) times.get(act.kind)!.push(one)
      await pause(betweenMs)
    }
  const lines = (what: string, all: readonly { post: number; whole: number }[], aim: boolean): Line[] =>
    ([0.5, 0.95] as const).map((share) => ({
      what: `${what}, p${share * 100}`,
      how: `${all.length} acts; of it until the redirect ${Math.round(
        percentile(
          all.map((t) => t.post),
          share,
        ),
      )} ms`,
      unit: 'ms',
      measured: percentile(
        all.map((t) => t.whole),
        share,
      ),
      ...(aim && share === 0.95 ? { aim: { most: aimMs } } : {}),
    }))
  return [
    ...lines('act to changed screen', [...times.values()].flat(), true),
    ...acts.flatMap((a) => lines(`of these ${a.name}`, times.get(a.kind)!, false)),
  ]
}

async function perform(clerk: DeskClient, id: string, act: Act): Promise<{ post: number; whole: number }> {
  const saw = /name="saw" value="(\d+)"/.exec(await clerk.page(`/ho-so/${id}`))?.[1]
  if (!saw) throw new Error(`${id} offers no act`)
  const values = { nonce: randomUUID(), saw, ...act.values() }
  const begun = performance.now()
  const to = await clerk.post(`/ho-so/${id}/${act.kind}`, values)
  const post = performance.now() - begun
  const page = await clerk.page(to)
  const whole = performance.now() - begun
  if (!page.includes('Đã xong.')) throw new Error(`${act.kind} of ${id} is not shown as done: ${to}`)
  return { post, whole }
}

function vietnameseDate(at: Date): string {
  const [year, month, day] = new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 10).split('-')
  return `${day}/${month}/${year}`
}
