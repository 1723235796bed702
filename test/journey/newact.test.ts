/**
 * An act that the product does not have, put into a copy of the tree as one file: it is on the page and in the letters, is done by
 * both, and is in the books; nothing else was changed.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { type Browser, chromium } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { workingDay } from './dates.ts'
import { lodgeByPosts } from './formposts.ts'
import { MailProgram } from './mailprogram.ts'
import { outside } from './outside.ts'
import { acts, open, people, press, signIn } from './staff.ts'

const own = resolve(import.meta.dirname, '../..')
const leftOut = ['node_modules', 'data', 'test', 'bench', '.git', '.ci']

describe('journey: a new act is one file', function () {
  this.timeout(120_000)
  let tree: string
  let suite: TestSuite
  let browser: Browser
  before(async () => {
    tree = mkdtempSync(join(tmpdir(), 'congso-tree-'))
    for (const name of readdirSync(own).filter((n) => !leftOut.includes(n)))
      cpSync(join(own, name), join(tree, name), { recursive: true })
    symlinkSync(join(own, 'node_modules'), join(tree, 'node_modules'))
    cpSync(join(own, 'test/workflow/extend/extend.ts'), join(tree, 'acts/dossier/extend.ts'))
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' }, tree)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
    rmSync(tree, { recursive: true, force: true })
  })

  it('works on the page and by reply, shows in the timeline, and the books stay sound', async () => {
    const lodged = await lodgeByPosts(suite.portal)
    const clerk = await signIn(browser, suite.desk, people.clerk)
    await acts.receive(clerk, suite.desk, lodged.reference)
    await acts.forward(clerk, suite.desk, lodged.reference, workingDay(6))

    const leader = await signIn(browser, suite.desk, people.leader)
    await open(leader, suite.desk, lodged.reference, 'Gia hạn')
    await leader.getByLabel('Hẹn trả mới').fill('30/12/2027')
    await leader.getByLabel('Lý do').fill('Chờ ý kiến của Bộ')
    await press(leader, 'Gia hạn')
    await leader.getByText('Gia hạn đến 30/12/2027').first().waitFor()

    await using program = await MailProgram.open(people.leader, suite.ports)
    const letter = await program.letter('Chung/lanhdao.stttt/INBOX', 'chuyển xử lý')
    expect(letter.text).to.include('GIA HẠN: <ngày/tháng/năm> LÝ DO <nội dung>')
    await program.reply(letter, 'Gia hạn: 31/12/2027 LÝ DO Chờ thêm')
    await leader.getByText('Gia hạn đến 31/12/2027').first().waitFor() // the open page hears of it by itself

    const told = await outside(suite).list('vanphong@gomchudau.example')
    expect(told.filter((m) => m.subject.includes('] Gia hạn')).length).to.be.greaterThan(0)
    for (const command of [['rebuild', '--check'], ['verify']]) {
      const { code, out } = await suite.command(...command)
      expect(code, out).to.equal(0)
    }
  })
})
