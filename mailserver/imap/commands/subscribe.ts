/**
 * SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8). Shared folders are always subscribed for those who see them:
 * one's choice must not hide them from the others.
 */
import { find } from '../places.ts'
import { No, ok } from '../reply.ts'
import { command } from './command.ts'
import { readOneName } from './delete.ts'

const subscribing = (name: 'SUBSCRIBE' | 'UNSUBSCRIBE', subscribed: boolean) =>
  command({
    name,
    when: 'signed-in',
    read: readOneName,
    async run(session, octets) {
      const { place, mailbox } = find(session, octets)
      if (place.shared === undefined) await session.given.store.write('subscribe', { mailbox: mailbox.id, subscribed })
      else if (!subscribed)
        throw new No('CANNOT', 'Thư mục dùng chung luôn được hiển thị. / Shared folders are always subscribed.')
      return ok(`${name} completed`)
    },
  })

export const subscribe = subscribing('SUBSCRIBE', true)
export const unsubscribe = subscribing('UNSUBSCRIBE', false)
