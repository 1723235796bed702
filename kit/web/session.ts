/**
 * Who is signed in at the desk: one row each in SQLite. The cookie is a random number that means nothing elsewhere, and the
 * row holds its SHA-256 only, so that a copy of the file opens no session. Deleting the row ends the session at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Account, Address, Instant } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'

/** What is needed of a database; `kit/store` opens one. */
export type SessionDb = {
  exec: (sql: string) => void
  prepare: (sql: string) => {
    get: (...values: (string | number)[]) => Record<string, unknown> | undefined
    all: (...values: (string | number)[]) => Record<string, unknown>[]
    run: (...values: (string | number)[]) => unknown
  }
}

export type Session = {
  /** SHA-256 of the cookie, hex */
  id: string
  /** the person's token: the password in IMAP and submission, and for the control API */
  token: string
  person: Account
  begun: Instant
  expires: Instant
  ip: string
  agent: string
}
export type Theme = 'light' | 'dark'

export type Sessions = {
  /** @returns the cookie's value */
  begin: (given: Omit<Session, 'id' | 'begun'>) => string
  find: (cookie: string) => Session | undefined
  /** @returns the session that ended, so that its token can be ended too */
  end: (id: string) => Session | undefined
  of: (person: Address) => Session[]
  theme: (person: Address) => Theme | undefined
  setTheme: (person: Address, theme: Theme | undefined) => void
}

const tables = `
  CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, person TEXT NOT NULL, account TEXT NOT NULL,
    begun TEXT NOT NULL, expires TEXT NOT NULL, ip TEXT NOT NULL, agent TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS session_person ON session (person);
  CREATE TABLE IF NOT EXISTS preference (
    person TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person, name)
  ) STRICT;
`

export function openSessions(db: SessionDb, now: () => Date = () => new Date()): Sessions {
  db.exec(tables)
  const insert = db.prepare(
    'INSERT INTO session (id, token, person, account, begun, expires, ip, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const one = db.prepare('SELECT * FROM session WHERE id = ?')
  const mine = db.prepare('SELECT * FROM session WHERE person = ? AND expires > ? ORDER BY begun DESC LIMIT 100')
  const remove = db.prepare('DELETE FROM session WHERE id = ?')
  const sweep = db.prepare('DELETE FROM session WHERE expires <= ?')
  const readTheme = db.prepare("SELECT value FROM preference WHERE person = ? AND name = 'theme'")
  const writeTheme = db.prepare("INSERT OR REPLACE INTO preference (person, name, value) VALUES (?, 'theme', ?)")
  const dropTheme = db.prepare("DELETE FROM preference WHERE person = ? AND name = 'theme'")

  return {
    begin: ({ token, person, expires, ip, agent }) => {
      const cookie = randomBytes(32).toString('base64url')
      const begun = now().toISOString()
      sweep.run(begun)
      insert.run(hash(cookie), token, person.address, JSON.stringify(person), begun, expires, ip, agent.slice(0, 300))
      return cookie
    },
    find: (cookie) => {
      const row = one.get(hash(cookie))
      return row && String(row['expires']) > now().toISOString() ? session(row) : undefined
    },
    end: (id) => {
      const row = one.get(id)
      remove.run(id)
      return row && session(row)
    },
    of: (person) => mine.all(person, now().toISOString()).map(session),
    theme: (person) => readTheme.get(person)?.['value'] as Theme | undefined,
    setTheme: (person, theme) => void (theme ? writeTheme.run(person, theme) : dropTheme.run(person)),
  }
}

const hash = (cookie: string) => createHash('sha256').update(cookie).digest('hex')

function session(row: Record<string, unknown>): Session {
  const text = (name: string) => String(row[name])
  return {
    id: text('id'),
    token: text('token'),
    person: JSON.parse(text('account')) as Account,
    begun: text('begun'),
    expires: text('expires'),
    ip: text('ip'),
    agent: text('agent'),
  }
}

/** `__Host-` binds the cookie to this very host; browsers take it only over https. */
export const cookieName = (secure: boolean) => (secure ? '__Host-congso' : 'congso')

export function readCookie(req: Request, name: string): string | undefined {
  for (const pair of (req.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** Everything after it needs somebody signed in: Refusal 401, which the desk turns into its sign-in page. */
export const requireSession: RequestHandler = (_req, res, next) => {
  if (res.locals['session'] !== undefined) return next()
  next(new Refusal(401, 'Phiên làm việc đã hết. Đăng nhập lại để làm tiếp.', 'no session'))
}

/** Who asks; only behind `requireSession`. */
export function sessionOf(res: Response): Session {
  const session = res.locals['session'] as Session | undefined
  if (!session) throw new Refusal(401, 'Phiên làm việc đã hết. Đăng nhập lại để làm tiếp.', 'no session')
  return session
}
