/** The letters that accounts have before anything is tried on them. */
import { bystanderNetwork, type Ground, knownNetwork } from './target.ts'
import { Wire } from './wire.ts'

/** A letter for answers that go on and on, with lines that begin with dots. */
const longLetter = `From: a@ngoai.vn\r\nSubject: dai\r\n\r\n${`..${'x'.repeat(70)}\r\n.\r\n`.repeat(26_000)}`
const shortLetters = ['Thư một', 'Thư hai', 'Thư ba'].map(
  (subject) =>
    `From: a@ngoai.vn\r\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n`,
)

/** The networks that sign in become known, so that wrong passwords from elsewhere do not slow them; each has its letters. */
export async function becomeKnown(ground: Ground): Promise<void> {
  await give(ground, { address: ground.victim, from: knownNetwork, letters: shortLetters })
  await give(ground, { address: ground.bystander, from: bystanderNetwork, letters: shortLetters })
  await giveLong(ground)
}

/** To be called again when some input has moved it away. */
export const giveLong = (ground: Ground): Promise<void> =>
  give(ground, { address: ground.reader, from: knownNetwork, letters: [longLetter] })

async function give(
  { ports, password }: Ground,
  { address, from, letters }: { address: string; from: string; letters: readonly string[] },
): Promise<void> {
  const wire = await Wire.open({ port: ports['imap']!, from }, { secured: false })
  await wire.until(/^\* OK/m)
  await wire.ask(`a LOGIN ${address} "${password}"`, /^a OK/m)
  for (const letter of letters) await wire.ask(`b APPEND INBOX {${letter.length}+}\r\n${letter}`, /^b OK/m)
  wire.destroy()
}
