import type { ImapFlow } from 'imapflow'

type Exec = (
  command: string,
  attributes: unknown[],
  options: object,
) => Promise<{ next(): void; response?: ResponseLine }>
type ResponseLine = { attributes?: ({ section?: { value?: string }[] } | undefined)[] }
type Untagged = { attributes?: [unknown, ({ value?: string } | undefined)[]?] }

/**
 * UID STORE … (UNCHANGEDSINCE …) +FLAGS.SILENT, and whether the server really did it (RFC 7162 §3.1.3). imapflow sends the
 * command but does not give the answer out, and the answer is what a claim rests on.
 */
export async function conditionalStore(
  client: ImapFlow,
  given: { uid: number; modseq: bigint; flag: string },
): Promise<boolean> {
  const atom = (value: string) => ({ type: 'ATOM', value })
  let won = false
  const exec = (client as unknown as { exec: Exec }).exec.bind(client)
  const done = await exec(
    'UID STORE',
    [
      { type: 'SEQUENCE', value: String(given.uid) },
      [atom('UNCHANGEDSINCE'), atom(String(given.modseq))],
      atom('+FLAGS.SILENT'),
      [atom(given.flag)],
    ],
    {
      untagged: {
        FETCH: async (u: Untagged) => {
          const list = u.attributes?.[1] ?? []
          const at = list.findIndex((x) => x?.value === 'UID')
          if (at >= 0 && Number(list[at + 1]?.value) === given.uid && list.some((x) => x?.value === 'MODSEQ'))
            won = true
        },
      },
    },
  )
  done.next()
  return won && done.response?.attributes?.[0]?.section?.[0]?.value !== 'MODIFIED'
}
