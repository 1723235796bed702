/** OfflineIMAP, written elsewhere, keeps a tree of Maildirs and our folders alike, in both directions. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '#test/programs.ts'
import { an, type Fixture, ha, mail, office, password, startFixture } from './fixture.ts'

const tree = 'Hồ sơ/Năm 2026/Đã giải quyết'
const shared = 'Chung/motcua.stttt/INBOX'
const readOnly = `Người khác/${ha}/Báo cáo`

describe('IMAP: offlineimap, both ways', function () {
  this.timeout(60_000)
  let f: Fixture

  before(async function () {
    try {
      execFileSync('offlineimap', ['--version'], { stdio: 'ignore' })
    } catch {
      return this.skip()
    }
    f = await startFixture()
    f.accounts.addGrant({ person: an, office, rights: ['read', 'act'], from: '2026-01-01T00:00:00Z' })
    for (const subject of ['Mot', 'Hai', 'Ba']) await f.deliver(an, mail(subject))
    await f.deliver(office, mail('Gui mot cua'))
    const [own, owner] = [await f.as(an), await f.as(ha)]
    for (const name of ['Hồ sơ', 'Hồ sơ/Năm 2026', tree]) await own.ok(`CREATE "${encode(name)}"`)
    await own.append(`"${encode(tree)}"`, mail('Da xong'), '(\\Seen \\Answered) ')
    await owner.ok(`CREATE "${encode('Báo cáo')}"`)
    await owner.append(`"${encode('Báo cáo')}"`, mail('Bao cao'))
    await owner.ok(`SETACL "${encode('Báo cáo')}" ${an} lr`)
    configure()
  })
  after(() => f?.[Symbol.asyncDispose]())

  it('brings the whole tree with its names in Vietnamese, flags and folders of others', async () => {
    await sync()
    expect(letters('INBOX').map((each) => each.subject)).to.have.members(['Mot', 'Hai', 'Ba'])
    expect(letters(tree)).to.deep.include({ subject: 'Da xong', flags: 'RS' })
    expect(letters(shared).map((each) => each.subject)).to.deep.equal(['Gui mot cua'])
    expect(letters(readOnly).map((each) => each.subject)).to.deep.equal(['Bao cao'])
  })

  it('carries flags, deletions, new letters and new folders from here to there', async () => {
    flag('INBOX', 'Mot', 'FS')
    rmSync(letter('INBOX', 'Hai').path)
    flag(shared, 'Gui mot cua', 'RS')
    put('INBOX', 'Viet khi mat mang', 'S')
    for (const folder of ['Dự thảo', 'Dự thảo/Tờ trình'])
      for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir(folder), part), { recursive: true })
    put('Dự thảo/Tờ trình', 'To trinh', 'D')
    await sync()
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    expect(await c.ok('SEARCH SUBJECT Hai')).to.match(/^\* SEARCH\r$/m)
    expect(await c.ok('FETCH 1 FLAGS'))
      .to.match(/\\Flagged/)
      .and.match(/\\Seen/)
    expect(await c.ok('SEARCH SUBJECT "Viet khi mat mang" SEEN')).to.match(/^\* SEARCH 3\r$/m)
    expect(await c.ok(`STATUS "${encode('Dự thảo/Tờ trình')}" (MESSAGES)`)).to.contain('MESSAGES 1')
    const colleague = await f.as(an)
    await colleague.ok(`SELECT "${encode(shared)}"`)
    expect(await colleague.ok('FETCH 1 FLAGS')).to.contain('\\Answered')
  })

  it('carries flags, deletions and new letters from there to here', async () => {
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1 -FLAGS (\\Flagged)')
    await c.ok('STORE 2 +FLAGS (\\Deleted)')
    await c.ok('EXPUNGE')
    await f.deliver(office, mail('Them mot thu'))
    // not RENAME: it knows of none, and makes the old name anew from its own copy
    await c.ok(`CREATE "${encode('Hồ sơ/Lưu trữ')}"`)
    await c.ok(`MOVE 1 "${encode('Hồ sơ/Lưu trữ')}"`)
    await sync()
    expect(letters('INBOX').map((each) => each.subject)).to.deep.equal(['Viet khi mat mang'])
    expect(letters(shared).map((each) => each.subject)).to.have.members(['Gui mot cua', 'Them mot thu'])
    expect(letters('Hồ sơ/Lưu trữ')).to.deep.equal([{ subject: 'Mot', flags: 'S' }])
  })

  it('is at rest: a second pass changes nothing', async () => {
    await sync()
    const before = letters('INBOX')
    const c = await f.as(an)
    const status = await c.ok('STATUS INBOX (MESSAGES HIGHESTMODSEQ)')
    await sync()
    expect(letters('INBOX')).to.deep.equal(before)
    expect(/\* STATUS .*/.exec(await c.ok('STATUS INBOX (MESSAGES HIGHESTMODSEQ)'))).to.deep.equal(
      /\* STATUS .*/.exec(status),
    )
  })

  it('keeps on after what it may not change in a folder that is shared for reading', async () => {
    rmSync(letter(readOnly, 'Bao cao').path)
    put(readOnly, 'Khong duoc dat vao', '')
    put('INBOX', 'Sau do', '')
    const said = await sync().catch((err: Error) => err.message)
    expect(said, 'it says what it could not do').to.match(/Báo cáo.*invalid uid/)
    const [c, owner] = [await f.as(an), await f.as(ha)]
    await owner.ok(`SELECT "${encode('Báo cáo')}"`)
    expect(await owner.ok('SEARCH SUBJECT "Bao cao"')).to.match(/^\* SEARCH 1\r$/m)
    expect(await owner.ok('SEARCH ALL')).to.match(/^\* SEARCH 1\r$/m)
    await c.ok('SELECT INBOX')
    expect(await c.ok('SEARCH SUBJECT "Sau do"')).to.match(/^\* SEARCH \d+\r$/m)
  })

  const home = () => join(f.dir, 'offlineimap')

  function configure(): void {
    mkdirSync(home(), { recursive: true })
    writeFileSync(join(home(), 'ca.pem'), f.tls.cert)
    writeFileSync(
      join(home(), 'rc'),
      [
        '[general]',
        `metadata = ${home()}/metadata`,
        'accounts = so',
        'ui = basic',
        'ignore-readonly = yes',
        '[Account so]',
        'localrepository = day',
        'remoterepository = kia',
        'utf8foldernames = yes',
        '[Repository day]',
        'type = Maildir',
        `localfolders = ${home()}/mail`,
        'sep = /',
        '[Repository kia]',
        'type = IMAP',
        'remotehost = localhost',
        `remoteport = ${f.imap.ports.imaps}`,
        'ssl = yes',
        `sslcacertfile = ${home()}/ca.pem`,
        `remoteuser = ${an}`,
        `remotepass = ${password}`,
        'usecompression = yes',
        '',
      ].join('\n'),
    )
  }

  /** One pass. @throws Error with what it said when it reports an error */
  async function sync(): Promise<void> {
    const env = { ...process.env, HOME: home(), LC_ALL: 'C.UTF-8' }
    // after some errors its threads wait for one another for ever; nothing less than KILL ends it then
    const limits = { timeout: 30_000, killSignal: 'SIGKILL' } as const
    try {
      await run('offlineimap', ['-o', '-c', join(home(), 'rc')], { env, ...limits })
    } catch (err) {
      const { code, stdout } = err as { code?: number; stdout?: string }
      throw new Error(`offlineimap ended with ${code}: ${stdout}`)
    }
  }

  const maildir = (folder: string) => join(home(), 'mail', folder)

  function letters(folder: string): { subject: string; flags: string }[] {
    return files(folder).map(({ subject, flags }) => ({ subject, flags }))
  }

  function files(folder: string): { subject: string; flags: string; path: string }[] {
    const paths = ['cur', 'new'].flatMap((part) => {
      const dir = join(maildir(folder), part)
      return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : []
    })
    return paths.sort().map((path) => ({
      path,
      subject: /^Subject: (.*?)\r?$/m.exec(readFileSync(path, 'utf8'))![1]!,
      flags: /:2,([A-Z]*)$/.exec(path)?.[1] ?? '',
    }))
  }

  function letter(folder: string, subject: string) {
    const found = files(folder).find((each) => each.subject === subject)
    if (!found) throw new Error(`no "${subject}" in ${folder}: ${JSON.stringify(files(folder))}`)
    return found
  }

  function flag(folder: string, subject: string, flags: string): void {
    const { path } = letter(folder, subject)
    renameSync(path, path.replace(/\/(cur|new)\/([^/]*?)(:2,[A-Z]*)?$/, `/cur/$2:2,${flags}`))
  }

  function put(folder: string, subject: string, flags: string): void {
    const name = `1700000000_${subject.replaceAll(' ', '')}.day:2,${flags}`
    writeFileSync(join(maildir(folder), 'cur', name), mail(subject).replaceAll('\r\n', '\n'))
  }
})

/** Modified UTF-7 (RFC 3501 §5.1.3), for commands of a session without UTF8=ACCEPT. */
function encode(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]+|&/g, (run) => {
    if (run === '&') return '&-'
    const utf16 = Buffer.from(run, 'utf16le').swap16()
    return `&${utf16.toString('base64').replaceAll('=', '').replaceAll('/', ',')}-`
  })
}
