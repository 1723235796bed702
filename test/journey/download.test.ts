import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { password, people, signIn } from './staff.ts'

describe('journey: a folder taken away', function () {
  this.timeout(240_000)
  let suite: TestSuite
  let browser: Browser
  let page: Page
  let cookie: string

  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' })
    const imap = new ImapFlow({
      host: '127.0.0.1',
      port: suite.ports.imap,
      secure: false,
      tls: { rejectUnauthorized: false },
      auth: { user: people.clerk, pass: password },
      logger: false,
    })
    await imap.connect()
    await imap.mailboxCreate('Dự án/2026')
    const put = (subject: string, body: string, flags: string[] = []) =>
      imap.append('Dự án/2026', `From: a@vi-du.example\r\nSubject: ${subject}\r\n\r\n${body}\r\n`, flags)
    await put('một', 'From here on', ['\\Seen', '\\Flagged'])
    await put('hai', 'x')
    for (let i = 0; i < 24; i++)
      await imap.append('Archive', `Subject: ${i}\r\n\r\n${`${'y'.repeat(70)}\r\n`.repeat(20_000)}`)
    await imap.logout()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    page = await signIn(browser, suite.desk, people.clerk)
    cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ')
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })
  const get = (folder: string, signal?: AbortSignal) =>
    fetch(`${suite.desk}/thu/tai-ve?f=${encodeURIComponent(folder)}`, {
      headers: { cookie },
      redirect: 'manual',
      ...(signal && { signal }),
    })

  it('is one mbox file that other programs read', async () => {
    await page.goto(`${suite.desk}/thu/dung-luong`)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Tải Dự án / 2026 về (.mbox)' }).click(),
    ])
    expect(download.suggestedFilename()).to.equal('2026.mbox')
    const file = await download.path()
    expect(readFileSync(file, 'utf8')).to.match(
      /^From MAILER-DAEMON \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\nStatus: RO\nX-Status: F\n/,
    )
    const read = execFileSync(
      'python3',
      [
        '-c',
        'import mailbox, sys\nprint([(m["subject"], m.get_flags(), m.get_payload()) for m in mailbox.mbox(sys.argv[1])])',
        file,
      ],
      { encoding: 'utf8' },
    )
    expect(read).to.contain("'ROF', '>From here on\\n')").and.to.contain("'O', 'x\\n')")
    expect((await get('Không có')).status).to.equal(404)
    expect((await fetch(`${suite.desk}/thu/tai-ve`, { redirect: 'manual' })).status).to.be.oneOf([302, 303, 401])
  })

  it('waits for whoever reads slowly, two at a time, and ends with who goes away', async () => {
    const stop = new AbortController()
    const slow = [await get('Archive', stop.signal), await get('Archive', stop.signal)]
    expect(slow.map((r) => r.status)).to.deep.equal([200, 200])
    expect((await get('INBOX')).status, 'a third').to.equal(429)
    stop.abort()
    await until('room for another', async () => {
      const answer = await get('Archive')
      if (answer.status !== 200) return false
      const whole = Buffer.from(await answer.arrayBuffer())
      const file = join(suite.data, 'whole.mbox')
      writeFileSync(file, whole)
      const n = execFileSync('grep', ['-c', '^From MAILER-DAEMON ', file], { encoding: 'utf8' })
      expect(Number(n)).to.equal(24)
      return true
    })
  })
})
