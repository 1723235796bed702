/** Writing: new, answer, forward, draft; sending through submission as the person, or as an office that they may speak for. */
import { readFile } from 'node:fs/promises'
import { type Response, Router } from 'express'
import type { Account } from '#kit/directory/calls.ts'
import { compose, type File } from '#kit/mail/compose.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { submit } from '#kit/mail/submit.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, type Session, sessionOf } from '#kit/web/session.ts'
import { type ReadForm, readForm } from '#kit/web/upload.ts'
import { type Beginning, blank, forward, reply, resume } from '#webmail/compose/begin.ts'
import {
  type CarriedFile,
  carriedFiles,
  type Draft,
  fetchCarried,
  mailOf,
  mostBytes,
  mostFileBytes,
  mostFiles,
  readRecipients,
} from '#webmail/compose/draft.ts'
import type { Webmail } from '#webmail/context.ts'
import { folderFor } from '#webmail/folders.ts'
import { readUid } from '#webmail/uid.ts'

const { show } = pages(import.meta.dirname, 'desk')

export function composeRouter(webmail: Webmail): Router {
  const router = Router()

  router.get('/thu/soan', requireSession, async (req, res) => {
    const session = sessionOf(res)
    const account = await webmail.connections.of(session)
    const source = (asked: unknown) => {
      const uid = readUid(asked)
      if (uid === undefined) throw new Refusal(404, 'Không có thư này.', `uid ${String(asked).slice(0, 100)}`)
      const folder = typeof req.query['f'] === 'string' ? req.query['f'] : 'INBOX'
      return { account, folder, uid, me: session.person.address }
    }
    const q = req.query
    const begun: Beginning = q['tra-loi']
      ? await reply(source(q['tra-loi']), q['tat-ca'] === '1')
      : q['chuyen']
        ? await forward(source(q['chuyen']))
        : q['nhap']
          ? await resume(source(q['nhap']))
          : {
              draft: {
                ...blank(typeof q['tu'] === 'string' ? q['tu'] : session.person.address),
                to: typeof q['den'] === 'string' ? q['den'] : '',
              },
              carried: [],
            }
    await page(res, session, begun, {})
  })

  router.post('/thu/soan', requireSession, async (req, res) => {
    const session = sessionOf(res)
    await using form = await readForm(req, { folder: webmail.uploads, mostFiles, mostFileBytes, mostBytes })
    const account = await webmail.connections.of(session)
    const draft = readDraft(form, session)
    const keep = form.body['viec'] === 'nhap'
    try {
      const files = [...(await fetchCarried(account, draft.carried)), ...(await uploaded(form))]
      if (keep) {
        const uid = await saveDraft({ webmail, session, account, draft, files })
        const drafts = (await folderFor(account, '\\Drafts'))!
        if (req.get('accept') === 'application/json') {
          const carried = (await carriedFiles(account, drafts, uid)).map((f) => f.key)
          return void res.json({ uid, at: new Date().toISOString(), carried })
        }
        return res.redirect(303, `/thu/soan?nhap=${uid}&f=${encodeURIComponent(drafts)}&da-luu=1`)
      }
      await send({ webmail, session, account, draft, files })
      res.redirect(303, '/thu?da-gui=1')
    } catch (err) {
      if (!(err instanceof Refusal) || err.status === 401) throw err
      res.status(err.status)
      const carried = await carriedOf(account, draft.carried)
      await page(res, session, { draft, carried }, { problem: err, lost: form.files.length > 0 })
    }
  })

  /** People and offices whose name or address begins so; for completing what is typed. */
  router.get('/thu/danh-ba', requireSession, async (req, res) => {
    const q = typeof req.query['q'] === 'string' ? req.query['q'].slice(0, 100) : ''
    const found = await webmail.directory['directory.search']({ q, limit: 10, groups: true })
    res.json([
      ...found.accounts.map((a) => ({ name: a.name, address: a.address, note: a.title ?? '' })),
      ...found.groups.map((g) => ({ name: g.name, address: g.address, note: `nhóm ${g.members} người` })),
    ])
  })

  async function page(
    res: Response,
    session: Session,
    begun: Beginning,
    more: { problem?: Refusal; lost?: boolean },
  ): Promise<void> {
    const identities = await identitiesOf(webmail, session)
    show(res, 'compose', {
      title: begun.draft.subject || 'Thư mới',
      active: 'mail',
      view: 'read',
      styles: ['webmail.css'],
      scripts: ['webmail.js'],
      identities,
      ...begun,
      problem: more.problem,
      lost: more.lost ?? false,
      saved: res.req.query['da-luu'] === '1',
      mostFiles,
    })
  }
  return router
}

/** Oneself, every office that one may speak for, and every person who lets one send on her behalf. */
async function identitiesOf(webmail: Webmail, session: Session): Promise<Account[]> {
  const { grants } = await webmail.directory['directory.grants']({ person: session.person.address })
  const offices = await Promise.all(
    grants
      .filter((g) => g.rights.includes('send'))
      .map(async (g) => (await webmail.directory['directory.lookup']({ address: g.office })).account),
  )
  const { behalf } = await webmail.directory['behalf.list']({ person: session.person.address })
  const owners = await Promise.all(
    [...new Set(behalf.map((b) => b.owner))].map(
      async (owner) => (await webmail.directory['directory.lookup']({ address: owner })).account,
    ),
  )
  const all = [session.person, ...offices, ...owners].filter((a) => a !== undefined && a.kind !== 'register')
  return [...new Map(all.map((a) => [a!.address, a!])).values()]
}

async function send(given: {
  webmail: Webmail
  session: Session
  account: MailAccount
  draft: Draft
  files: File[]
}): Promise<void> {
  const { webmail, session, account, draft } = given
  const identity = (await identitiesOf(webmail, session)).find((i) => i.address === draft.from)
  if (!identity)
    throw new Refusal(
      403,
      'Không có quyền gửi thay địa chỉ này, hoặc quyền đã hết. Chọn lại người gửi.',
      `From ${draft.from}`,
    )
  const recipients = readRecipients(draft)
  const raw = await compose(
    mailOf({
      draft,
      recipients,
      fromName: identity.name,
      ...(identity.address !== session.person.address
        ? { sender: { name: session.person.name, address: session.person.address } }
        : {}),
      files: given.files,
      messageId: messageId(webmail, draft),
      date: new Date(),
      keptAsDraft: false,
    }),
  )
  const done = await submit(webmail.submission(session), {
    from: draft.from,
    to: [...recipients.to, ...recipients.cc, ...recipients.bcc],
    raw,
  })
  if (done.refused.length > 0) {
    const left = done.refused.map((r) => r.to).join(', ')
    // those who have it must not get it again: the page comes back for the others alone
    Object.assign(draft, { to: left, cc: '', bcc: '' })
    throw new Refusal(
      422,
      `Đã gửi tới ${done.accepted.length} người. Không gửi được tới ${left}: sửa địa chỉ rồi gửi lại cho những người này.`,
      `refused ${done.refused.map((r) => `${r.to} ${r.code}`).join(', ')}`,
    )
  }
  if (draft.replaces) await removeDraft(account, Number(draft.replaces))
}

/** Keeps what is written, even when addresses are not complete yet. @returns its uid in the drafts folder */
async function saveDraft(given: {
  webmail: Webmail
  session: Session
  account: MailAccount
  draft: Draft
  files: File[]
}): Promise<number> {
  const { webmail, session, account, draft } = given
  const folder = await folderFor(account, '\\Drafts')
  if (!folder) throw new Refusal(409, 'Hộp thư này chưa có thư mục nháp.', 'no \\Drafts')
  const good = (text: string) =>
    text
      .split(/[,;\n]/)
      .map((a) => /(?<![^\s<>])[^\s<>]+@[^\s<>]+/.exec(a)?.[0] ?? '')
      .filter(Boolean)
  const raw = await compose(
    mailOf({
      draft,
      recipients: { to: good(draft.to), cc: good(draft.cc), bcc: good(draft.bcc) },
      fromName: session.person.name,
      files: given.files,
      messageId: messageId(webmail, draft),
      date: new Date(),
      keptAsDraft: true,
    }),
  )
  const uid = await account.append({ folder, raw, flags: ['\\Draft', '\\Seen'] })
  if (draft.replaces) await removeDraft(account, Number(draft.replaces))
  return uid
}

async function removeDraft(account: MailAccount, uid: number): Promise<void> {
  const folder = await folderFor(account, '\\Drafts')
  if (folder && Number.isInteger(uid) && uid > 0) await account.expunge({ folder, uids: [uid] })
}

const messageId = (webmail: Webmail, draft: Draft): string => `${draft.nonce}@${webmail.domain}`

function readDraft(form: ReadForm, session: Session): Draft {
  const text = (name: string) => {
    const value = form.body[name]
    return typeof value === 'string' ? value : ''
  }
  const nonce = text('nonce')
  return {
    from: text('from') || session.person.address,
    to: text('to'),
    cc: text('cc'),
    bcc: text('bcc'),
    subject: text('subject').slice(0, 500),
    text: text('text'),
    carried: [form.body['giu'] ?? []].flat(),
    inReplyTo: /^[^\s<>]{1,250}$/.test(text('inReplyTo')) ? text('inReplyTo') : '',
    references: text('references')
      .split(' ')
      .filter((id) => /^[^\s<>]{1,250}$/.test(id))
      .slice(-20)
      .join(' '),
    nonce: /^[0-9a-f-]{36}$/.test(nonce) ? nonce : blank('').nonce,
    replaces: readUid(text('replaces')) ? text('replaces') : '',
  }
}

async function uploaded(form: ReadForm): Promise<File[]> {
  return Promise.all(
    form.files.map(async (f) => ({
      name: f.name,
      type: f.type || 'application/octet-stream',
      content: await readFile(f.path),
    })),
  )
}

/** The files still chosen, with their names, for showing the page again. */
async function carriedOf(account: MailAccount, keys: readonly string[]): Promise<CarriedFile[]> {
  const places = [...new Set(keys.map((k) => k.split('|').slice(0, 2).join('|')))].slice(0, 20)
  const lists = await Promise.all(
    places.map((p) => {
      const [folder, uid] = p.split('|')
      const known = readUid(uid)
      return known ? carriedFiles(account, folder!, known) : []
    }),
  )
  return lists.flat().filter((f) => keys.includes(f.key))
}
