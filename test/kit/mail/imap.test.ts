import { expect } from 'chai'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import { Refusal } from '#kit/refusal.ts'
import { sample } from '#test/kit/message/support/samples.ts'
import { an, type Fixture, password, startFixture } from '#test/mailserver/imap/fixture.ts'

const mail = (n: number) =>
  `From: =?UTF-8?B?${Buffer.from('Nguyễn An').toString('base64')}?= <an@example.com>\r\nTo: ${an}\r\nSubject: =?UTF-8?B?${Buffer.from(`Thư số ${n}`).toString('base64')}?=\r\nMessage-ID: <m${n}@example.com>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0700\r\n\r\nXin chao ${n}\r\n`

describe('MailAccount', () => {
  let fixture: Fixture
  let access: MailAccess
  let account: MailAccount
  before(async () => {
    fixture = await startFixture()
    access = {
      host: '127.0.0.1',
      port: fixture.imap.ports.imap,
      user: an,
      token: password,
      tls: { at: 'starttls', servername: 'localhost', ca: fixture.tls.cert },
    }
    account = await openAccount(access)
    for (let n = 1; n <= 12; n++) await fixture.deliver(an, mail(n))
  })
  after(async () => {
    await account[Symbol.asyncDispose]()
    await fixture[Symbol.asyncDispose]()
  })

  it('signs in by STARTTLS and by TLS, and checks the certificate', async () => {
    await using secure = await openAccount({
      ...access,
      port: fixture.imap.ports.imaps!,
      tls: { at: 'connect', servername: 'localhost', ca: fixture.tls.cert },
    })
    expect(secure.usable).to.equal(true)
    const failed = await openAccount({
      ...access,
      port: fixture.imap.ports.imaps!,
      tls: { at: 'connect', servername: 'localhost' },
    }).then(
      () => 'open',
      (err: Error) => err.message,
    )
    expect(failed).to.match(/self.signed|verify/i)
  })
  it('says what it may do in a folder, by names with marks too', async () => {
    expect(await account.rights('INBOX')).to.contain('lrswi')
    await account.createFolder('Báo cáo/Quý III')
    expect(await account.rights('Báo cáo/Quý III')).to.contain('x')
    await account.deleteFolder('Báo cáo/Quý III')
    const err = await account.rights('Không có').catch((e: unknown) => e)
    expect((err as Refusal).status).to.equal(404)
  })
  it('refuses a token that ended with 401', async () => {
    const err = await openAccount({ ...access, token: 'wrong' }).catch((e: unknown) => e)
    expect(err).to.be.instanceOf(Refusal).and.to.include({ status: 401 })
  })
  it('lists folders with counts', async () => {
    const folders = await account.folders({ counts: true })
    expect(folders.find((f) => f.path === 'INBOX')).to.include({ messages: 12, unseen: 12 })
    expect(folders.map((f) => f.specialUse)).to.include.members(['\\Sent', '\\Drafts', '\\Junk', '\\Trash'])
  })
  it('gives pages, newest first', async () => {
    const page = await account.page({ folder: 'INBOX', offset: 0, limit: 5, structure: true })
    expect(page.total).to.equal(12)
    expect(page.messages.map((m) => m.subject)).to.deep.equal([12, 11, 10, 9, 8].map((n) => `Thư số ${n}`))
    expect(page.messages[0]).to.deep.include({
      messageId: 'm12@example.com',
      from: [{ name: 'Nguyễn An', address: 'an@example.com' }],
    })
    expect(page.messages[0]!.structure).to.include({ number: '1', type: 'text/plain' })
    expect(
      (await account.page({ folder: 'INBOX', offset: 10, limit: 5 })).messages.map((m) => m.subject),
    ).to.deep.equal(['Thư số 2', 'Thư số 1'])
    expect((await account.page({ folder: 'INBOX', offset: 12, limit: 5 })).messages).to.deep.equal([])
    expect(await account.page({ folder: 'Junk', offset: 0, limit: 5 })).to.deep.equal({ total: 0, messages: [] })
  })
  it('gives octets and parts as they are', async () => {
    const raw = await sample()
    const uid = await account.append({ folder: 'Drafts', raw, flags: ['\\Draft'] })
    expect((await account.source({ folder: 'Drafts', uid })).equals(raw)).to.equal(true)
    const m = await account.message({ folder: 'Drafts', uid })
    expect(m.raw.equals(raw)).to.equal(true)
    expect(m.flags).to.include('\\Draft')
    expect((await account.part({ folder: 'Drafts', uid, part: '3' })).toString('latin1')).to.match(/^%PDF/)
    expect(JSON.parse((await account.part({ folder: 'Drafts', uid, part: '2' })).toString()).is).to.equal('command')
    const s = await account.summary({ folder: 'Drafts', uid, structure: true, headers: ['CongSo-Kind'] })
    expect(s.headers).to.deep.equal([{ name: 'congso-kind', value: 'dossier.forward' }])
    expect(s.structure!.children.map((c) => c.filename)).to.deep.equal([undefined, 'congso.json', 'Đơn đề nghị.pdf'])
  })
  it('throws a Refusal for what is gone, and for a folder that is not there', async () => {
    for (const call of [
      () => account.source({ folder: 'INBOX', uid: 9999 }),
      () => account.message({ folder: 'INBOX', uid: 9999 }),
      () => account.part({ folder: 'INBOX', uid: 9999, part: '1' }),
      () => account.summary({ folder: 'INBOX', uid: 9999 }),
      () => account.page({ folder: 'Không có', offset: 0, limit: 1 }),
      () => account.counts('Không có'),
    ]) {
      const err = await call().then(
        () => undefined,
        (e: unknown) => e,
      )
      expect(err).to.be.instanceOf(Refusal).and.to.include({ status: 404 })
    }
  })
  it('says why a folder cannot be made or removed', async () => {
    await account.createFolder('Mới')
    for (const call of [() => account.deleteFolder('Không có'), () => account.renameFolder('Mới', 'INBOX')])
      expect(
        await call().then(
          () => undefined,
          (e: unknown) => e,
        ),
      ).to.be.instanceOf(Refusal)
    await account.deleteFolder('Mới')
  })
  it('says when a mailbox is full, and when the folder to append to is missing', async () => {
    await using small = await startFixture({ quota: 10_000 })
    await using full = await openAccount({
      ...access,
      port: small.imap.ports.imap,
      tls: { at: 'starttls', servername: 'localhost', ca: small.tls.cert },
    })
    const append = (folder: string, raw: Buffer) =>
      full.append({ folder, raw }).then(
        () => undefined,
        (e: unknown) => e,
      )
    expect(await append('Drafts', Buffer.from(mail(1) + 'x'.repeat(20_000))))
      .to.be.instanceOf(Refusal)
      .and.to.include({ status: 413 })
    expect(await append('Không có', Buffer.from(mail(1))))
      .to.be.instanceOf(Refusal)
      .and.to.include({ status: 404 })
  })
  it('changes flags, searches, moves, copies and removes', async () => {
    const uids = await account.search({ folder: 'INBOX', query: { subject: 'Thư số 1' } })
    expect(uids).to.have.length(4) // 1, 10, 11, 12
    await account.changeFlags({ folder: 'INBOX', uids, change: { add: ['\\Seen', 'VIEC'] } })
    expect(await account.search({ folder: 'INBOX', query: { keyword: 'VIEC' } })).to.deep.equal(uids)
    await account.changeFlags({ folder: 'INBOX', uids, change: { remove: ['VIEC'] } })
    await account.createFolder('Việc cũ')
    const moved = await account.move({ folder: 'INBOX', uids: uids.slice(0, 2), to: 'Việc cũ' })
    expect([...moved.keys()].sort((a, b) => a - b)).to.deep.equal(uids.slice(0, 2).sort((a, b) => a - b))
    const copied = await account.copy({ folder: 'Việc cũ', uids: [...moved.values()], to: 'INBOX' })
    expect(copied.size).to.equal(2)
    await account.expunge({ folder: 'Việc cũ', uids: [...moved.values()] })
    expect((await account.counts('Việc cũ')).messages).to.equal(0)
  })
  it('claims once: the second, a changed and a vanished message are not won', async () => {
    const uid = await fixture.deliver(an, mail(50))
    const { modseq } = await account.summary({ folder: 'INBOX', uid })
    await using other = await openAccount(access)
    expect(await account.claim({ folder: 'INBOX', uid, modseq, flag: '$Claimed' })).to.equal(true)
    expect(await other.claim({ folder: 'INBOX', uid, modseq, flag: '$Claimed' })).to.equal(false)
    await account.expunge({ folder: 'INBOX', uids: [uid] })
    expect(await other.claim({ folder: 'INBOX', uid, modseq: modseq + 10n, flag: '$Claimed' })).to.equal(false)
  })
  it('wakes on new mail, and loses none that comes while its reader works', async () => {
    await using watcher = await openAccount(access)
    const stop = new AbortController()
    let seen = (await watcher.counts('INBOX')).uidNext - 1
    const got: number[] = []
    let turns = 0
    for await (const _ of watcher.changes('INBOX', { signal: stop.signal, everyMs: 600_000 })) {
      turns++
      const uids = (await watcher.search({ folder: 'INBOX', query: { uid: `${seen + 1}:*` } })).filter((u) => u > seen)
      got.push(...uids.reverse())
      seen = Math.max(seen, ...uids)
      if (turns === 1) void fixture.deliver(an, mail(60))
      if (got.length === 1) await fixture.deliver(an, mail(61)) // arrives while we are here
      if (got.length === 2) break
    }
    expect(got).to.have.length(2)
    stop.abort()
  })
  it('ends its watch when told to, and throws when the connection ends', async () => {
    await using watcher = await openAccount(access)
    const stop = new AbortController()
    for await (const _ of watcher.changes('INBOX', { signal: stop.signal })) setTimeout(() => stop.abort(), 50)
    const other = await openAccount(access)
    const failed = (async () => {
      for await (const _ of other.changes('INBOX', { signal: new AbortController().signal }))
        setTimeout(() => void other[Symbol.asyncDispose](), 50)
    })()
    expect(
      await failed.then(
        () => 'ended',
        (err: Error) => err.message,
      ),
    ).to.match(/ended/)
  })
})
