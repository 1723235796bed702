/** The outside mailbox of a local start, by its API. */
import type { TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'

export type Taken = { id: number; from: string; to: string[]; subject: string }
export type Opened = Taken & { text: string; attachments: { part: string; name: string; type: string }[] }
export type Outside = ReturnType<typeof outside>

export function outside(suite: Pick<TestSuite, 'sink'>) {
  const list = async (to: string): Promise<Taken[]> =>
    (await (await fetch(`${suite.sink}/api/messages?to=${encodeURIComponent(to)}`)).json()) as Taken[]
  return {
    list,
    /** The newest letter to somebody whose subject has these words; waits for it. */
    letter: async (to: string, words: string): Promise<Opened> => {
      const found = await until(`a letter “${words}” to ${to}`, async () =>
        (await list(to)).find((m) => m.subject.includes(words)),
      )
      return (await (await fetch(`${suite.sink}/api/messages/${found.id}`)).json()) as Opened
    },
    file: async (letter: Opened, name: RegExp): Promise<Buffer> => {
      const part = letter.attachments.find((a) => name.test(a.name))
      if (!part)
        throw new Error(`no file like ${name} in “${letter.subject}”: ${letter.attachments.map((a) => a.name)}`)
      const answer = await fetch(`${suite.sink}/thu/${letter.id}/phan/${part.part}`)
      return Buffer.from(await answer.arrayBuffer())
    },
  }
}
