import { Refusal } from '#kit/refusal.ts'
import type { Jobs } from '#mailserver/store/port.ts'
import type { Context } from './call.ts'

/** @throws Refusal 404 when there is no such mail, or its end is already written */
export async function setQueued(
  { store, log }: Context,
  id: string,
  change: Omit<Jobs['queueSet']['in'], 'id'>,
): Promise<Record<string, never>> {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : undefined
  const { ok } = number === undefined ? { ok: false } : await store.write('queueSet', { id: number, ...change })
  if (!ok) throw new Refusal(404, 'Không có thư này trong hàng đợi, hoặc thư đã gửi xong.', `no queued mail ${id}`)
  log.info({ queued: id, ...change }, 'queue changed')
  return {}
}
