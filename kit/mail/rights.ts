import type { ImapFlow } from 'imapflow'

type Exec = (command: string, attributes: unknown[], options: object) => Promise<{ next(): void }>
type Untagged = { attributes?: ({ value?: unknown } | undefined)[] }

/**
 * MYRIGHTS (RFC 4314 §3.5), which imapflow does not have. Names go out as they are: the connection has UTF8=ACCEPT on (RFC 6855),
 * which imapflow enables wherever it is offered.
 *
 * @returns the letters; none where the server says none
 */
export async function myRights(client: ImapFlow, folder: string): Promise<string> {
  let rights = ''
  const exec = (client as unknown as { exec: Exec }).exec.bind(client)
  const done = await exec('MYRIGHTS', [{ type: 'STRING', value: folder }], {
    untagged: {
      MYRIGHTS: async (u: Untagged) => {
        const said = u.attributes?.at(-1)?.value
        if (typeof said === 'string') rights = said
      },
    },
  })
  done.next()
  return rights
}
