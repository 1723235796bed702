/**
 * The desk's pages on a free port, over a real projection: commands come by a real SMTP session and are decided at once by the
 * acts, as a worker would.
 */
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { SMTPServer } from 'smtp-server'
import type { Account, Grant } from '#kit/directory/calls.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { readMessage } from '#kit/message/read.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { liveRouter } from '#kit/web/live.ts'
import { openSessions, type SessionDb } from '#kit/web/session.ts'
import { signInRouter, toSignIn } from '#kit/web/signin/router.ts'
import { plainSignIn } from '#test/kit/web/desk.ts'
import type { Mailboxes } from '#workflow/pages/mailboxes.ts'
import { workflowPages } from '#workflow/pages/router.ts'
import { accounts, agency, people, province, signed, type TestLedger } from '../ledger.ts'

export type Sent = { from: string; to: string[]; raw: string }

const departments = new Map(province.people.map((p) => [p.address, p.department]))
const staff: Account[] = accounts.map((a) => {
  const department = a.department ?? departments.get(a.address)
  return { ...a, ...(department ? { department } : {}) }
})
const grants: Grant[] = province.people
  .filter((p) => p.agency === 'stttt')
  .flatMap((p) =>
    p.holds.map((h) => ({
      grant: `${p.address}-${h.office}`,
      person: p.address,
      office: h.office,
      rights: h.rights,
      from: `${h.from}T00:00:00Z`,
    })),
  )

export async function startPages(ledger: TestLedger, given: { mailboxes?: Mailboxes; decides?: boolean } = {}) {
  const sent: Sent[] = []
  const refused = new Set<string>()
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _session, done) => done(null, { user: auth.username }),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (c: Buffer) => chunks.push(c))
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks).toString('latin1')
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : ''
        sent.push({ from, to: session.envelope.rcptTo.map((r) => r.address), raw })
        if (given.decides !== false)
          await decide(raw).catch((err) => {
            refused.add(String(err))
            if (process.env['SHOW']) console.error(err, raw.slice(0, 3000))
          })
        done()
      })
    },
  })
  const decide = async (raw: string) => {
    const message = readMessage(Buffer.from(raw, 'latin1'))
    if (message?.is !== 'command') throw new Error('what was sent is no command')
    const { head, command } = message
    await ledger.act({ ...command, id: head.messageId, signer: signed((head.sender ?? head.from).address) })
  }
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const port = (smtp.server.address() as AddressInfo).port
  const sessions = openSessions(new DatabaseSync(':memory:') as unknown as SessionDb, () => new Date(ledger.now))
  const app = createApp({ name: 'desk', layout: 'desk', signIn: toSignIn })
  const access = (user: string): MailAccess => ({ host: '127.0.0.1', port, user, token: 't', tls: 'none' })
  const pages = workflowPages({
    directory: {
      'directory.agency': async () => ({ agency, accounts: staff, grants }),
      'ledger.outcome': async ({ command }) => {
        const entry = ledger.reader().entryOf(command)
        return entry ? { outcome: 'done', seq: entry.seq } : {}
      },
    },
    projections: ledger.folder,
    acts: ledger.registry,
    calendar: calendar(province.holidays, province.workingSwaps),
    imap: (s) => access(s.person.address),
    submission: (s) => access(s.person.address),
    ...(given.mailboxes ? { mailboxes: given.mailboxes } : {}),
    hub: app.hub,
    uploads: `${ledger.folder}/uploads`,
    mostMessageBytes: 50 * 1024 * 1024,
    now: () => new Date(ledger.now),
  })
  app.use((_req, res, next) => {
    res.locals['now'] = ledger.now
    next()
  })
  const mail = { id: 'mail', label: 'Thư', icon: 'mail', href: '/thu', count: () => ({ n: 12, words: 'chưa đọc' }) }
  const admin = { id: 'admin', label: 'Quản trị', icon: 'settings', href: '/quan-tri', wide: true, foot: true }
  app.use(deskFrame({ sessions, apps: [mail, ...pages.apps, admin], secure: false }))
  app.use(
    signInRouter({
      directory: {
        ...plainSignIn,
        'auth.signIn': async ({ address }) => ({
          token: 't',
          expires: '2100-01-01T00:00:00Z',
          person: staff.find((a) => a.address === address)!,
        }),
        'auth.signOut': async () => ({}),
        'auth.whoami': async () => ({ person: staff[0]!, expires: '2100-01-01T00:00:00Z' }),
      },
      sessions,
      secure: false,
      domain: 'haiduong.gov.vn',
      province: 'Tỉnh Hải Dương',
      portalOrigin: 'http://portal.invalid',
    }),
  )
  app.use(liveRouter(app.hub), pages.router)
  const listening = await app.listen('127.0.0.1', 0)
  const cookieOf = (address: string) =>
    sessions.begin({
      token: 't',
      person: staff.find((a) => a.address === address)!,
      expires: '2100-01-01T00:00:00Z',
      ip: '127.0.0.1',
      agent: 'Chrome trên Windows',
    })
  return {
    origin: listening.origin,
    sent,
    refused,
    sessions,
    cookieOf,
    people,
    [Symbol.asyncDispose]: async () => {
      await listening[Symbol.asyncDispose]()
      await pages[Symbol.asyncDispose]()
      await new Promise<void>((resolve) => smtp.close(() => resolve()))
    },
  }
}
