/** Mailboxes: found by name or address, made, changed, locked, and given to people with dates. */
import { type Request, type Response, Router } from 'express'
import {
  type Account,
  type AccountKind,
  type Agency,
  type Behalf,
  type DaysKept,
  type Directory,
  type FolderShare,
  type Grant,
  type MailboxShown,
  officeRights,
} from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { readDate } from '#kit/vi/dates.ts'
import { folderName } from '#kit/vi/folders.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import { type Security, securityOf, securityRouter } from './security.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/quan-tri/hop-thu'
const pageRows = 50
const gigabyte = 1_000_000_000
const kinds: readonly AccountKind[] = ['person', 'office', 'register']
/** what is said after a change, by the word in the address */
const said: Record<string, string> = {
  luu: 'Đã lưu.',
  giu: 'Đã lưu số ngày giữ thư rác và thùng rác.',
  cap: 'Đã cấp hộp thư.',
  'mat-khau': 'Đã đặt mật khẩu mới. Nơi nào đăng nhập bằng mật khẩu cũ phải đăng nhập lại.',
  khoa: 'Đã khóa. Không đăng nhập được, thư mới bị từ chối; thư cũ còn nguyên.',
  mo: 'Đã mở khóa.',
  quyen: 'Đã cấp quyền.',
  thoi: 'Đã kết thúc quyền.',
  'thu-hoi': 'Đã thu hồi mật khẩu ứng dụng.',
  'go-khoa': 'Đã gỡ khóa truy cập.',
  'dang-xuat': 'Đã đăng xuất ở mọi nơi. Chương trình thư còn mật khẩu đúng sẽ tự đăng nhập lại.',
  'tat-hai-lop': 'Đã tắt xác thực hai lớp.',
}

type Drawer = {
  account?: Account
  grants?: readonly Grant[]
  /** of a person: what she opened to others, and who sends on her behalf, by her own doing */
  shares?: readonly FolderShare[]
  behalf?: readonly Behalf[]
  mailboxes?: readonly MailboxShown[]
  /** days that hold in Junk and Trash, of persons and offices */
  kept?: DaysKept
  /** of people */
  security?: Security
  values: Record<string, string>
  errors: Record<string, string>
}

export function mailboxRouter(directory: Directory, domain: string): Router {
  const router = Router()

  async function list(req: Request, res: Response, drawer?: Drawer): Promise<void> {
    const text = (name: string) =>
      String(req.query[name] ?? '')
        .slice(0, 200)
        .trim()
    const opened = drawer?.account?.kind
    const kind = kinds.find((k) => k === text('loai')) ?? (opened && kinds.includes(opened) ? opened : 'person')
    const after = text('sau')
    const q = text('q')
    const [{ accounts, total }, { agencies }, usage] = await Promise.all([
      directory['account.list']({ kind, limit: pageRows, ...(q && { q }), ...(after && { after }) }),
      directory['directory.agencies']({}),
      directory.usage({}),
    ])
    const query = new URLSearchParams({ loai: kind, ...(q && { q }) })
    show(res, 'mailboxes', {
      folderName,
      title: 'Hộp thư',
      active: 'admin',
      path,
      kind,
      q,
      after,
      accounts,
      total,
      usage,
      domain,
      drawer,
      unit: unitOf(agencies),
      said: said[text('xong')],
      officeRights,
      link: (more: Record<string, string>) => `?${new URLSearchParams({ ...Object.fromEntries(query), ...more })}`,
      next: accounts.length === pageRows ? accounts.at(-1)!.address : undefined,
    })
  }

  async function drawerOf(address: string): Promise<Drawer & { account: Account }> {
    const { account } = await directory['directory.lookup']({ address })
    if (!account) throw new Refusal(404, `Không có hộp thư ${address}.`, `no account ${address}`)
    const of = account.kind === 'person' ? { person: account.address } : { office: account.address }
    const { grants } = await directory['directory.grants']({ ...of, all: true })
    const now = Date.now()
    const open = ({ to }: { to?: string }) => to === undefined || Date.parse(to) > now
    const owner = account.address
    const [{ shares }, { behalf }] = await Promise.all([
      account.kind === 'person' || account.kind === 'office' ? directory['share.list']({ owner }) : { shares: [] },
      account.kind === 'person' ? directory['behalf.list']({ owner, all: true }) : { behalf: [] },
    ])
    const forgets = account.kind === 'person' || account.kind === 'office'
    const [{ account: counted, mailboxes }, kept] = await Promise.all([
      directory['mailbox.list']({ address: account.address }),
      forgets ? directory['expiry.get']({ scope: account.address }) : undefined,
    ])
    return {
      account: counted,
      mailboxes,
      ...(kept && { kept }),
      shares: shares.filter(open),
      behalf: behalf.filter(open),
      ...(account.kind === 'person' && { security: await securityOf(directory, account.address) }),
      grants: grants.filter(open),
      values: {
        ...(kept && { junk: String(kept.set.junk ?? ''), trash: String(kept.set.trash ?? '') }),
        name: account.name,
        title: account.title ?? '',
        quota:
          account.quota === undefined ? '' : String(Number((account.quota / gigabyte).toFixed(2))).replace('.', ','),
      },
      errors: {},
    }
  }

  /** Does a change and goes back to the mailbox; what was refused is said beside the field, with what was typed. */
  async function change(
    req: Request,
    res: Response,
    done: string,
    work: (address: string, body: Body) => Promise<unknown>,
  ): Promise<void> {
    const address = String(req.params['address'])
    const body = typed(req)
    try {
      await work(address, body)
    } catch (err) {
      if (!(err instanceof Refusal) || err.status < 409 || err.status > 422) throw err
      const drawer = await drawerOf(address)
      const errors = Object.keys(err.fields).length > 0 ? err.fields : { '': err.advice }
      res.status(422)
      return list(req, res, { ...drawer, values: { ...drawer.values, ...without(body, 'password') }, errors })
    }
    res.redirect(303, `${path}/${encodeURIComponent(address)}?xong=${done}`)
  }

  router.use(securityRouter(directory, path))
  router.get(path, (req, res) => list(req, res))
  router.get(`${path}/moi`, (req, res) => list(req, res, { values: { kind: 'person', quota: '1' }, errors: {} }))
  router.post(path, async (req, res) => {
    const body = typed(req)
    const kind = kinds.find((k) => k === body['kind']) ?? 'person'
    const local = (body['address'] ?? '').trim()
    const address = local.includes('@') ? local : `${local}@${domain}`
    try {
      const { account } = await directory['account.add']({
        address,
        name: body['name'] ?? '',
        kind,
        ...(body['title'] && { title: body['title'] }),
        ...(kind === 'person' && { quota: quotaOf(body['quota']) }),
        ...(kind === 'person' && body['password'] && { password: body['password'] }),
      })
      res.redirect(303, `${path}/${encodeURIComponent(account.address)}?xong=cap`)
    } catch (err) {
      if (!(err instanceof Refusal) || err.status < 409 || err.status > 422) throw err
      const errors = Object.keys(err.fields).length > 0 ? err.fields : { '': err.advice }
      res.status(422)
      await list(req, res, { values: without(body, 'password'), errors })
    }
  })
  router.get(`${path}/:address`, async (req, res) => list(req, res, await drawerOf(req.params.address)))
  router.post(`${path}/:address`, (req, res) =>
    change(req, res, 'luu', async (address, body) => {
      const { account } = await drawerOf(address)
      await directory['account.set']({
        address,
        name: body['name'] ?? '',
        ...(account.kind === 'person' && { title: body['title'] ?? '', quota: quotaOf(body['quota']) }),
      })
    }),
  )
  router.post(`${path}/:address/giu`, (req, res) =>
    change(req, res, 'giu', (scope, { junk, trash }) =>
      directory['expiry.set']({
        scope,
        junk: daysOf(junk, 'junk'),
        trash: daysOf(trash, 'trash'),
        by: sessionOf(res).person.address,
      }),
    ),
  )
  router.post(`${path}/:address/mat-khau`, (req, res) =>
    change(req, res, 'mat-khau', (address, { password = '' }) => directory['account.set']({ address, password })),
  )
  router.post(`${path}/:address/khoa`, (req, res) => {
    const disabled = typed(req)['khoa'] === '1'
    return change(req, res, disabled ? 'khoa' : 'mo', async (address) => {
      if (disabled && address === sessionOf(res).person.address)
        throw new Refusal(409, 'Không tự khóa hộp thư của mình được: sẽ không còn ai mở lại.', 'own account')
      await directory['account.disable']({ address, disabled })
    })
  })
  router.post(`${path}/:address/quyen`, (req, res) =>
    change(req, res, 'quyen', async (address, body) => {
      const { account } = await drawerOf(address)
      const other = (body['other'] ?? '').trim()
      const [person, office] = account.kind === 'person' ? [address, other] : [other, address]
      const rights = officeRights.filter((r) => body[r] === '1')
      const to = dayOf(body['to'], 'to')
      const from = dayOf(body['from'], 'from') ?? new Date().toISOString()
      const by = sessionOf(res).person.address
      await directory['grant.add']({ person, office, rights, from, by, ...(to && { to }) }).catch((err: unknown) => {
        if (!(err instanceof Refusal)) throw err
        const wrong = err.fields['person'] ?? err.fields['office']
        throw wrong ? new Refusal(422, wrong, err.message, { fields: { other: wrong } }) : err
      })
    }),
  )
  router.post(`${path}/:address/quyen/:grant/ket-thuc`, (req, res) =>
    change(req, res, 'thoi', () =>
      directory['grant.end']({
        grant: String(req.params['grant']),
        at: new Date().toISOString(),
        by: sessionOf(res).person.address,
      }),
    ),
  )
  return router
}

type Body = Record<string, string>

/** Texts of a form; what came twice or as something else is not there. */
function typed(req: Request): Body {
  const body = (req.body ?? {}) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

function without(body: Body, name: string): Body {
  const { [name]: _, ...rest } = body
  return rest
}

/** "1", "0,5", "1.5": gigabytes. @throws Refusal 422 */
function quotaOf(text = ''): number {
  const wrong = 'Dung lượng là số GB, từ 0 đến 1000, ví dụ 1 hoặc 0,5.'
  const n = Number(text.trim().replace(',', '.'))
  if (text.trim() === '' || !(n >= 0 && n <= 1000)) throw new Refusal(422, wrong, 'quota', { fields: { quota: wrong } })
  return Math.round(n * gigabyte)
}

/** Days; null when nothing was typed. @throws Refusal 422 */
function daysOf(text = '', field: string): number | null {
  if (text.trim() === '') return null
  const wrong = 'Số ngày là số nguyên từ 0 đến 36500.'
  const n = Number(text.trim())
  if (!/^\d{1,5}$/.test(text.trim()) || n > 36_500) throw new Refusal(422, wrong, field, { fields: { [field]: wrong } })
  return n
}

/** Midnight in Vietnam of a typed day; undefined when nothing was typed. @throws Refusal 422 */
function dayOf(text: string | undefined, field: string): string | undefined {
  if (!text?.trim()) return undefined
  const day = readDate(text)
  const wrong = 'Ngày viết như 24/11/2026.'
  if (!day) throw new Refusal(422, wrong, field, { fields: { [field]: wrong } })
  return new Date(`${day}T00:00:00+07:00`).toISOString()
}

/** Where somebody works, in words. */
function unitOf(agencies: readonly Agency[]): (account: Account) => string {
  const byId = new Map(agencies.map((a) => [a.id, a]))
  return ({ agency, department }) => {
    const a = agency === undefined ? undefined : byId.get(agency)
    const d = a?.departments.find((each) => each.id === department)
    return d ? `${d.name}, ${a!.abbreviation}` : (a?.name ?? '')
  }
}
