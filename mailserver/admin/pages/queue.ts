/** Mail on its way to the outside: what waits and why, with the answers of the other side; tried again, held, dropped. */
import { Router } from 'express'
import type { Directory, QueueRow } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/quan-tri/hang-doi'
/** newest first; more is looked for with `congso queue list` */
const mostRows = 200
const states: readonly QueueRow['state'][] = ['waiting', 'sending', 'held', 'failed', 'done']

export function queueRouter(directory: Directory): Router {
  const router = Router()
  router.get(path, async (req, res) => {
    const state = states.find((s) => s === req.query['xem']) ?? 'waiting'
    const [{ rows }, usage] = await Promise.all([
      directory['queue.list']({ state, limit: mostRows }),
      directory.usage({}),
    ])
    show(res, 'queue', { title: 'Thư chờ gửi', active: 'admin', path, state, rows, counts: usage.queue, mostRows })
  })
  router.post(`${path}/:id`, async (req, res) => {
    const { id } = req.params
    const body = (req.body ?? {}) as Record<string, unknown>
    const back = states.find((s) => s === body['xem']) ?? 'waiting'
    if (body['viec'] === 'gui') await directory['queue.retry']({ id })
    else if (body['viec'] === 'giu') await directory['queue.hold']({ id, hold: true })
    else if (body['viec'] === 'tha') await directory['queue.hold']({ id, hold: false })
    else if (body['viec'] === 'bo') await directory['queue.drop']({ id })
    else throw new Refusal(400, 'Chưa rõ cần làm gì với thư này.', `no such act: ${String(body['viec']).slice(0, 20)}`)
    res.redirect(303, `${path}?xem=${back}`)
  })
  return router
}
