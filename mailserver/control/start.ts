/**
 * The control API (kit/directory/calls.ts): HTTP on a private Unix socket. Each process proves its name with its own secret
 * and may make the calls that the table gives it; what it sends is read strictly, and what went wrong inside is logged here
 * and never told.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { CallName, ProcessName } from '#kit/directory/calls.ts'
import { type Log, subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import { Bodies, bodyLimit } from './body.ts'
import type { Context } from './call.ts'
import { runCall } from './run.ts'
import { readSecrets, sameSecret } from './secrets.ts'
import { table } from './table.ts'

/** a header that takes longer, or a body of 80 MB on a local socket, is a broken or hostile caller */
const headersMs = 10_000
const requestMs = 60_000
/** longer than clients keep an idle connection, so that they close it, not we */
const idleMs = 60_000
/** calls under way when we stop have this long to end; all of them may be made again */
const drainMs = 2_000
/** six processes with 32 connections each, with room */
const connectionLimit = 512

/** unix(7): sun_path has 108 octets with its NUL */
const socketPathLimit = 107

/** compared with where there is no process of that name, so that both take as long */
const nobody = randomBytes(32).toString('base64url')

export type ControlGiven = Omit<Context, 'log'> & {
  /** path of the socket, `paths(data).control` */
  socket: string
  /** path of a process's secret, `paths(data).secret` */
  secret: (process: ProcessName) => string
  log?: Log
}

/** Resolves when the socket takes calls. Disposing waits for the calls under way. */
export async function startControl(given: ControlGiven): Promise<AsyncDisposable> {
  const context: Context = { ...given, log: given.log ?? subsystem('control') }
  const secrets = readSecrets(given.secret)
  const bodies = new Bodies()
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: idleMs,
      maxHeaderSize: 8 * 1024,
      noDelay: true,
    },
    (request, response) => void answer(request, response),
  )
  server.maxConnections = connectionLimit
  const sockets = new Set<Socket>()
  /** connections with a call under way */
  const busy = new Set<Socket>()
  let stopping = false
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    busy.add(socket)
    if (stopping) response.setHeader('connection', 'close')
    response.once('close', () => {
      busy.delete(socket)
      if (stopping) socket.destroySoon()
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const caller = callerOf(request, secrets)
      const name = callName(request)
      if (!table[name].may.includes(caller))
        throw new Refusal(403, 'Tiến trình không được gọi chức năng này.', `${caller} may not call ${name}`)
      const input = await bodies.read(request, bodyLimit(name, context.maxMessage))
      send(response, 200, await runCall(context, name, input, caller))
    } catch (err) {
      if (response.headersSent || response.destroyed) return
      // what is left of a refused body is not read: the connection ends with the answer
      if (!request.complete) response.setHeader('connection', 'close')
      if (err instanceof Refusal) {
        if (err.status === 401 || err.status === 403)
          context.log.warn({ url: request.url, why: err.message }, 'call refused')
        const { status, advice, fields } = err
        return send(response, status, { error: { status, advice, why: err.message, fields } })
      }
      const ref = randomBytes(6).toString('hex')
      if (isDiskFull(err)) {
        context.log.error({ why: (err as Error).message, ref, url: request.url }, 'call failed: the disk is full')
        const advice = 'Máy chủ đã hết chỗ chứa, chưa lưu được. Vui lòng báo quản trị viên rồi thử lại sau.'
        return send(response, 503, { error: { status: 503, advice, why: 'the disk is full' } })
      }
      context.log.error({ err, ref, url: request.url }, 'call failed')
      const advice = `Có lỗi ở máy chủ. Vui lòng thử lại; nếu vẫn lỗi, báo quản trị viên mã ${ref}.`
      send(response, 500, { error: { status: 500, advice, why: `internal error, reference ${ref}` } })
    }
  }

  if (Buffer.byteLength(given.socket) > socketPathLimit)
    throw new Error(
      `${given.socket} is longer than a socket's name may be (${socketPathLimit} octets); choose a shorter data folder`,
    )
  mkdirSync(dirname(given.socket), { recursive: true, mode: 0o700 })
  rmSync(given.socket, { force: true }) // left by a crash; the data folder's lock says that nobody else runs here
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(given.socket, resolve)
  })
  chmodSync(given.socket, 0o600)
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      stopping = true
      // not closeIdleConnections(): it spares those that have not sent a request yet
      for (const socket of sockets) if (!busy.has(socket)) socket.destroy()
      const lost = setTimeout(() => server.closeAllConnections(), drainMs)
      await closed
      clearTimeout(lost)
    },
  }
}

/** What a connection has proved already: the same words on it are not digested again. */
const proved = new WeakMap<Socket, { name: ProcessName; authorization: string }>()

/** @throws Refusal 401 */
function callerOf(
  { headers: { 'x-process': name, authorization = '' }, socket }: IncomingMessage,
  secrets: ReadonlyMap<ProcessName, string>,
): ProcessName {
  const before = proved.get(socket)
  if (before && before.name === name && before.authorization === authorization) return before.name
  const given = /^Bearer (\S+)$/.exec(authorization)?.[1] ?? ''
  const known = secrets.get(name as ProcessName)
  if (!sameSecret(given, known ?? nobody) || known === undefined)
    throw new Refusal(401, 'Tiến trình không được nhận diện.', 'unknown process or wrong secret')
  proved.set(socket, { name: name as ProcessName, authorization })
  return name as ProcessName
}

/** @throws Refusal 404, 405 */
function callName(request: IncomingMessage): CallName {
  const name = /^\/v1\/([A-Za-z.]+)$/.exec(request.url ?? '')?.[1]
  if (name === undefined || !Object.hasOwn(table, name))
    throw new Refusal(404, 'Không có chức năng này.', 'no such call')
  if (request.method !== 'POST') throw new Refusal(405, 'Yêu cầu không đúng mẫu.', 'calls are POST')
  return name as CallName
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const octets = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': octets.length })
  response.end(octets)
}
