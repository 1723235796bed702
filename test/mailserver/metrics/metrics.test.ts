import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { commands } from '#mailserver/imap/commands/table.ts'
import { countedBy, imapNames, newCounters } from '#mailserver/metrics/counters.ts'
import { contentType, openMetrics } from '#mailserver/metrics/text.ts'
import { type Administered, an, ha, password, startAdministered } from '#test/mailserver/admin/service.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

/** Debian's, which has Debian's packages */
const python = '/usr/bin/python3'
const raw = Buffer.from('From: a@ngoai.example\r\nSubject: mot\r\n\r\nhai\r\n')

describe('metrics', () => {
  it('are OpenMetrics text on loopback, when they are on, for a reader that nobody here wrote', async function () {
    await using s: Administered = await startAdministered({ metrics: 'on' })
    const read = async () => (await fetch(`http://127.0.0.1:${s.ports.metrics}/metrics`)).text()
    const value = async (series: string) => {
      const line = (await read()).split('\n').find((l) => l.startsWith(`${series} `))
      if (line === undefined) throw new Error(`no ${series}`)
      return Number(line.slice(series.length + 1))
    }
    using cli = s.directory('cli')
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

    // from every thread: sessions, the main one with its doors, the writer
    const clients = await Promise.all([1, 2, 3, 4, 5, 6].map(() => imap(s)))
    for (const c of clients) {
      await c.ok(`LOGIN ${an} "${password}"`)
      await c.ok('SELECT INBOX')
      await c.ok('UID FETCH 1 (FLAGS)')
      expect(await c.command(Buffer.from('FROBNICATE'))).to.match(/^BAD/m)
      c.destroy()
    }
    const pop = await imap(s, s.ports.pop3)
    pop.write(`USER ${ha}\r\nPASS sai\r\n`)
    await until('POP3 to refuse', () => /^-ERR/m.test(pop.received))
    pop.destroy()
    expect(await value('congso_imap_commands_total{command="UID FETCH"}')).to.equal(6)
    expect(await value('congso_imap_commands_total{command="other"}')).to.equal(6)
    expect(await value('congso_sign_ins_total{scope="imap",result="ok"}')).to.equal(6)
    expect(await value('congso_sign_ins_total{scope="pop3",result="refused"}')).to.equal(1)

    const edge = s.directory('edge')
    await edge['rcpt.check']({ address: 'khong.co@haiduong.gov.vn' })
    await edge.handover({ from: '', to: [an], raw, spam: false, id: 'h', helo: 'x', ip: '192.0.2.1' })
    edge[Symbol.dispose]()
    expect(await value('congso_recipients_total{door="edge",result="refused"}')).to.equal(1)
    expect(await value('congso_recipients_total{door="edge",result="accepted"}')).to.equal(1)
    const lmtp = await imap(s, s.ports.lmtp)
    lmtp.write(
      `LHLO x\r\nMAIL FROM:<a@ngoai.example>\r\nRCPT TO:<x@y.example>\r\nRCPT TO:<${an}>\r\nRCPT TO:<${ha}>\r\nDATA\r\n`,
    )
    await until('354', () => /^354 /m.test(lmtp.received))
    lmtp.write(`${raw.toString()}.\r\n`)
    await until('two answers', () => lmtp.received.match(/^250 2\.1\.5 Delivered/gm)?.length === 2)
    lmtp.destroy()
    await s.ok('mail', 'expunge', ha, 'INBOX', 'ALL')
    expect(await value('congso_deleted_messages')).to.equal(1)
    expect(await value('congso_deleted_mail_bytes')).to.be.above(raw.length - 1)
    expect(await value('congso_recipients_total{door="lmtp",result="accepted"}')).to.equal(2)
    expect(await value('congso_recipients_total{door="lmtp",result="refused"}')).to.equal(1)
    expect(await value('congso_accept_seconds_count{door="lmtp"}')).to.equal(1)
    expect(await value('congso_accept_seconds_sum{door="lmtp"}')).to.be.above(0)
    expect(await value('congso_commit_seconds_count')).to.be.above(2)
    expect(await value('congso_commit_seconds_bucket{le="+Inf"}')).to.be.at.least(
      await value('congso_commit_seconds_bucket{le="0.001"}'),
    )

    if (spawnSync(python, ['-c', 'import prometheus_client']).status !== 0) this.skip()
    const parsed = spawnSync(
      python,
      [
        '-c',
        `import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as f
all = {m.name: m for m in f(sys.stdin.read())}
print(sorted((m.name, m.type, m.unit) for m in all.values() if m.type != "gauge"))
print(len(all), [s.value for s in all["congso_recipients"].samples if s.labels == {"door": "lmtp", "result": "accepted"}])`,
      ],
      { input: await read(), encoding: 'utf8' },
    )
    expect([parsed.stderr, parsed.stdout]).to.deep.equal([
      '',
      "[('congso_accept_seconds', 'histogram', 'seconds'), ('congso_commit_seconds', 'histogram', 'seconds'), ('congso_imap_commands', 'counter', ''), " +
        "('congso_queue_attempts', 'counter', ''), ('congso_recipients', 'counter', ''), ('congso_sign_ins', 'counter', '')]\n17 [2]\n",
    ])
  }).timeout(60_000)

  it('are added up over threads, and outlive them', async () => {
    const shared = newCounters(3)
    const work = `
      const { workerData } = require('node:worker_threads')
      import(workerData.module).then(({ count, counters, histograms, took, useCounters }) => {
        useCounters(workerData)
        for (let i = 0; i < 100_000; i++) count(counters.queue.delivered)
        took(histograms.commit, performance.now() - 30)
        took(histograms.commit, performance.now() - 99_000)
      })`
    const module = import.meta.resolve('#mailserver/metrics/counters.ts')
    await Promise.all(
      [0, 1, 2].map(
        (thread) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(work, { eval: true, workerData: { module, shared, thread } })
            worker.once('exit', resolve).once('error', reject)
          }),
      ),
    )
    const families = countedBy(shared)
    const queue = families.find((f) => f.name === 'congso_queue_attempts')!
    expect(queue.values[0]).to.deep.equal({ labels: { result: 'delivered' }, value: 300_000 })
    const commits = families.find((f) => f.kind === 'histogram' && f.name === 'congso_commit_seconds')!
    expect(commits.values[0]).to.deep.include({ beyond: 3 })
    expect(openMetrics([commits])).to.match(
      /_bucket\{le="10\.0"\} 3\n.*_bucket\{le="\+Inf"\} 6\n.*_count 6\n.*_sum 297\.\d+\n/,
    )
  }).timeout(30_000)

  it('know every command of IMAP by its name', () => {
    expect([...commands.keys()].filter((name) => !imapNames.includes(name))).to.deep.equal([])
  })

  it('write what would end a line or a label escaped', () => {
    const text = openMetrics([
      { kind: 'gauge', name: 'a', help: 'x\ny', values: [{ labels: { b: 'c"\\\n' }, value: 1 }] },
    ])
    expect(text).to.equal('# TYPE a gauge\n# HELP a x\\ny\na{b="c\\"\\\\\\n"} 1\n# EOF\n')
  })
})

async function imap(s: Administered, port = s.ports.imap): Promise<Client> {
  const client = new Client(connect(port, '127.0.0.1'))
  await client.until('\r\n')
  return client
}
