/**
 * A mail service for a load generator: mailserver and edge without scanner, users `u0`…`u200@bench.test` with the password `bench`
 * (1 GB each, 20 GB for `u0`), until interrupted. Prints one JSON object: name, addresses, and the pids to measure.
 *
 *   node bench/target.ts [--port-base 31000] [--data DIR]
 *
 * A data folder that is there already is served as it is; without one, an empty temporary folder is used and removed at the end.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MailService } from './service.ts'

const { values } = parseArgs({
  options: { 'port-base': { type: 'string', default: '31000' }, data: { type: 'string' } },
})
const data = values.data ?? mkdtempSync(join(tmpdir(), 'congso-bench-'))

{
  await using service = await MailService.start({
    data,
    base: Number(values['port-base']),
    with: ['edge'],
    env: { CONGSO_FILE_TEXTS: process.env['CONGSO_FILE_TEXTS'] ?? 'off' }, // its peers read no files either
  })
  console.log(
    JSON.stringify({
      name: 'congso',
      lmtp: `127.0.0.1:${service.ports.lmtp}`,
      smtp: `127.0.0.1:${service.ports.smtp}`,
      imap: `127.0.0.1:${service.ports.imap}`,
      imaps: `127.0.0.1:${service.ports.imaps}`,
      pid: `${service.pid()},${service.pid('edge')}`,
    }),
  )
  await Promise.race([...(['SIGINT', 'SIGTERM'] as const).map((s) => once(process, s)), service.ended()])
}
if (values.data === undefined) rmSync(data, { recursive: true, force: true })
