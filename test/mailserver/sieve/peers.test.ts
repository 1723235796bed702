import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import type { Act } from '#mailserver/sieve/run/facts.ts'
import { RunFault } from '#mailserver/sieve/run/facts.ts'
import { runScript } from '#mailserver/sieve/run/run.ts'
import { cases } from '#test/fixtures/sieve/cases.ts'
import { octets } from '#test/fixtures/sieve/messages.ts'
import { factsOf } from './facts.ts'

const installed = spawnSync('sieve-test', ['-h']).error === undefined

describe('Sieve: the same acts as Pigeonhole', () => {
  let dir: string
  before(function () {
    if (!installed) this.skip()
    dir = mkdtempSync(join(tmpdir(), 'sieve-'))
    mkdirSync(join(dir, 'mail'))
    // sieve-test serves no root: as root, it runs as nobody
    const uid = process.getuid!() === 0 ? 65534 : process.getuid!()
    const gid = process.getuid!() === 0 ? 65534 : process.getgid!()
    if (process.getuid!() === 0) execFileSync('chown', ['-R', `${uid}:${gid}`, dir])
    chmodSync(dir, 0o755)
    writeFileSync(
      join(dir, 'conf'),
      `mail_uid = ${uid}\nmail_gid = ${gid}\nfirst_valid_uid = 0\nfirst_valid_gid = 0\nmail_location = mbox:${dir}/mail\npostmaster_address = postmaster@haiduong.gov.vn\nplugin {\n  sieve_extensions = +editheader +vacation-seconds\n  recipient_delimiter = +\n}\n`,
    )
  })
  after(() => {
    if (dir) rmSync(dir, { recursive: true })
  })

  for (const c of cases)
    it(c.name, () => {
      const ours = oursFor(c)
      if (c.differs) {
        expect(ours, c.differs.why).to.deep.equal(c.differs.ours)
        expect(theirsFor(dir, c), 'no difference is left to explain').to.not.deep.equal(ours)
      } else expect(ours).to.deep.equal(theirsFor(dir, c))
    })
})

type Case = (typeof cases)[number]
const sender = (c: Case): string => c.from ?? 'an@partner.example'

function oursFor(c: Case): string[] {
  const checked = checkScript(c.script)
  if ('faults' in checked) return ['unsound']
  try {
    const facts = factsOf(octets(c.message ?? 'plain'), { from: sender(c) })
    return runScript(checked.program, { ...facts, mailboxes: mailboxesOf(c.script) })
      .acts.map(tell)
      .sort()
  } catch (err) {
    if (err instanceof RunFault) return ['file INBOX ()']
    throw err
  }
}

/** sieve-test files into whatever is named: here everything that could be named exists. */
const mailboxesOf = (_: string): { path: string }[] =>
  new Proxy([] as { path: string }[], {
    get: (target, key) => (key === 'some' ? () => true : Reflect.get(target, key)),
  })

function tell(act: Act): string {
  if (act.kind === 'file') return `file ${act.mailbox}${act.create ? ' +create' : ''} (${sorted(act.flags.join(' '))})`
  if (act.kind === 'redirect') return `redirect ${act.to}`
  if (act.kind === 'refuse') return `refuse ${act.reason.trim().replaceAll(/\r\n/g, ' ')}`
  if (act.kind === 'notify')
    return `notify ${act.importance} ${act.to.join()} cc ${act.cc.join()}: ${act.subject === letterSubject ? '' : act.subject}`
  // sieve-test shows no subject that the script did not give
  return `reply ${act.seconds} ${act.subject.startsWith('Auto: ') ? '' : act.subject}`
}

/** of "plain", which a notification carries when it says nothing itself; sieve-test shows none */
const letterSubject = 'Báo cáo quý 3'
const sorted = (flags: string): string => flags.toLowerCase().trim().split(/ +/).sort().join(' ')

function theirsFor(dir: string, c: Case): string[] {
  writeFileSync(join(dir, 'a.sieve'), c.script)
  writeFileSync(join(dir, 'a.eml'), octets(c.message ?? 'plain'))
  const owner = 'ha.tran@haiduong.gov.vn'
  const ran = spawnSync('sieve-test', ['-c', 'conf', '-f', sender(c), '-r', owner, '-a', owner, 'a.sieve', 'a.eml'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, HOME: dir, TZ: 'UTC-7' },
  })
  const out = ran.stdout.replaceAll('\r', '')
  if (ran.stderr.includes('resolved with successful implicit keep')) return ['file INBOX ()']
  if (!out.includes('Implicit keep')) return ['unsound']
  const acts: string[] = []
  for (const block of out.split(/^ \* |^Implicit keep:/m).slice(1)) {
    const file = /^\s*store message in folder: (.*)$/m.exec(block)
    const flags = /add IMAP flags: (.*)$/m.exec(block)?.[1]?.trim() ?? ''
    const create = block.includes('create mailbox if it does not exist') ? ' +create' : ''
    const redirect = /^redirect message to: <?([^>\n]*)>?/.exec(block)
    const reject = /^reject message with reason: (.*?)(?:\n\n|$)/s.exec(block)
    if (file) acts.push(`file ${file[1]!.replace(/^inbox$/i, 'INBOX')}${create} (${sorted(flags)})`)
    else if (redirect) acts.push(`redirect ${redirect[1]}`)
    else if (reject) acts.push(`refuse ${reject[1]!.replaceAll('??', ' ').trim()}`)
    else if (block.startsWith('send notification')) {
      const to = [...block.matchAll(/^ +\+ To: (.*)$/gm)].map((found) => found[1])
      const cc = [...block.matchAll(/^ +\+ Cc: (.*)$/gm)].map((found) => found[1])
      const [, subject = ''] = /=> subject +: (.*)/.exec(block) ?? []
      acts.push(`notify ${/=> importance +: (\d)/.exec(block)![1]} ${to.join()} cc ${cc.join()}: ${subject.trim()}`)
    } else if (block.startsWith('send vacation')) {
      const subject = /=> subject : (.*)/.exec(block)?.[1]?.trim()
      acts.push(`reply ${/=> seconds : (\d+)/.exec(block)![1]} ${subject ?? ''}`)
    }
  }
  return [...new Set(acts)].sort()
}
