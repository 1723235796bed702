import type { Settings } from '#config/settings.ts'
import type { Answer, Delivery } from '#kit/mail/deliver.ts'
import { routeTo, type World } from '#mailserver/outbound/routes.ts'

/** One small letter to an@ban.example. @throws what the route throws: the letter waits */
export async function sendLetter(settings: Settings, world: World): Promise<Answer> {
  let delivery: Delivery | undefined
  try {
    delivery = await routeTo('an@ban.example', settings, world).open()
    return await delivery.send({
      from: '',
      to: 'an@ban.example',
      raw: Buffer.from('Subject: x\r\n\r\nx\r\n'),
      eightBit: false,
    })
  } finally {
    delivery?.close()
  }
}
