import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { contentType, openMetrics } from '#mailserver/metrics/text.ts'
import { type Administered, an, startAdministered } from '#test/mailserver/admin/service.ts'

/** Debian's, which has Debian's packages */
const python = '/usr/bin/python3'

describe('metrics', () => {
  it('are OpenMetrics text on loopback, when they are on, for a reader that nobody here wrote', async function () {
    await using s: Administered = await startAdministered({ metrics: 'on' })
    using cli = s.directory('cli')
    const raw = Buffer.from('Subject: mot\r\n\r\nhai\r\n')
    const at = '2026-11-25T00:00:00Z'
    await cli['mail.import']({ address: an, folder: 'INBOX', messages: [{ raw, flags: [], at, key: 'k' }], by: 'x@y' })
    const answer = await fetch(`http://127.0.0.1:${s.ports.metrics}/metrics`)
    expect(answer.headers.get('content-type')).to.equal(contentType)
    const text = await answer.text()
    expect(text)
      .to.contain('\ncongso_store_messages 1\n')
      .and.match(/\ncongso_sessions\{protocol="imap"\} 0\n/)
    expect(text).to.match(/\ncongso_disk_free_bytes [1-9]\d+\n/)
    expect(text.endsWith('\n# EOF\n')).to.equal(true)
    expect((await fetch(`http://127.0.0.1:${s.ports.metrics}/x`)).status).to.equal(404)
    if (spawnSync(python, ['-c', 'import prometheus_client']).status !== 0) this.skip()
    const parsed = spawnSync(
      python,
      [
        '-c',
        'import sys\nfrom prometheus_client.openmetrics.parser import text_string_to_metric_families as f\nprint(len(list(f(sys.stdin.read()))))',
      ],
      { input: text, encoding: 'utf8' },
    )
    expect([parsed.stderr, Number(parsed.stdout)]).to.deep.equal(['', 9])
  }).timeout(30_000)

  it('write what would end a line or a label escaped', () => {
    const text = openMetrics([{ name: 'a', help: 'x\ny', values: [{ labels: { b: 'c"\\\n' }, value: 1 }] }])
    expect(text).to.equal('# TYPE a gauge\n# HELP a x\\ny\na{b="c\\"\\\\\\n"} 1\n# EOF\n')
  })
})
