import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname } from 'node:path'
import { loadSettings, paths } from '#config/settings.ts'
import type { Calls, SealKey } from '#kit/directory/calls.ts'
import { octetsHeader, readBody } from '#kit/directory/wire.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'

export type Handed = Calls['handover']['in']

/** The control API's socket with answers that a test sets; it speaks the real protocol to the real client. */
export async function startControl(data: string) {
  new Keeper({ settings: loadSettings({ data }, {}).settings, folder: paths(data).tls }) // the certificate, as the mail service makes it
  const handed: Handed[] = []
  const state = {
    handed,
    asked: [] as Calls['rcpt.check']['in'][],
    keys: [] as SealKey[],
    broken: false,
    /** a hand-over is answered when it is settled */
    gate: Promise.resolve() as Promise<void>,
    verdict: (_address: string): Calls['rcpt.check']['out']['verdict'] => 'ok',
    result: (_to: string): { code: number; message: string } => ({ code: 250, message: '2.1.5 Delivered' }),
  }
  const calls: Record<string, (input: never) => unknown> = {
    'rcpt.check': (input: Calls['rcpt.check']['in']) => {
      state.asked.push(input)
      return { verdict: state.verdict(input.address) }
    },
    'domain.list': () => ({ domains: ['haiduong.gov.vn'] }),
    'keys.list': () => ({ keys: state.keys }),
    handover: async (input: Handed) => {
      handed.push(input)
      await state.gate
      return { results: input.to.map((to) => ({ to, ok: state.result(to).code === 250, ...state.result(to) })) }
    },
  }
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    res.setHeader('content-type', 'application/json')
    if (state.broken) {
      res.statusCode = 500
      res.end(JSON.stringify({ error: { status: 500, advice: '', why: 'broken by the test' } }))
      return
    }
    res.end(
      JSON.stringify(
        await calls[req.url!.replace('/v1/', '')]!(
          readBody(Buffer.concat(chunks), req.headers[octetsHeader] as string | undefined) as never,
        ),
      ),
    )
  })
  const p = paths(data)
  for (const file of [p.control, p.secret('edge')]) mkdirSync(dirname(file), { recursive: true })
  writeFileSync(p.secret('edge'), 'x'.repeat(43))
  await new Promise<void>((resolve) => server.listen(p.control, resolve))
  return {
    ...{ state },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
