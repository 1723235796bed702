/** What is sent below TLS (RFC 8446): client hellos that a server answers, and records that are none. */
import type { Dice } from './dice.ts'
import { mutate } from './mutate.ts'
import type { State } from './target.ts'

const two = (n: number): number[] => [(n >> 8) & 255, n & 255]
const sized = (octets: readonly number[]): number[] => [...two(octets.length), ...octets]
const extension = (type: number, body: readonly number[]): number[] => [...two(type), ...sized(body)]

/** §5.1: type, version, length, and as many octets; or, with `announced`, fewer than that. */
export const record = (type: number, body: readonly number[], announced = body.length): Buffer =>
  Buffer.from([type, 3, 3, ...two(announced), ...body])

/** §4.1.2: TLS 1.3 with X25519, and 1.2 for who wants that. Any 32 octets are a key of X25519. */
export function clientHello(dice: Dice): Buffer {
  const random = [...dice.octets(32)]
  const extensions = [
    ...extension(0x2b, [4, 3, 4, 3, 3]), // versions
    ...extension(0x0a, [0, 4, 0, 0x1d, 0, 0x17]), // groups
    ...extension(0x0d, sized([4, 3, 8, 4, 8, 5, 4, 1, 5, 1])), // signatures
    ...extension(0x33, sized([0, 0x1d, ...sized([...dice.octets(32)])])), // key
    ...(dice.oneIn(3) ? extension(0x00, sized([0, ...sized([...Buffer.from('mail.haiduong.gov.vn')])])) : []), // name
    ...(dice.oneIn(3) ? extension(0x10, sized([4, ...Buffer.from('imap')])) : []), // protocol
    ...(dice.oneIn(5)
      ? extension(
          0x15,
          Array.from({ length: dice.below(4_000) }, () => 0),
        )
      : []), // padding
  ]
  const suites = [0x13, 1, 0x13, 2, 0xc0, 0x2f, 0xc0, 0x2b, 0, 0x9c]
  const body = [3, 3, ...random, 32, ...dice.octets(32), ...sized(suites), 1, 0, ...sized(extensions)]
  return record(22, [1, 0, ...two(body.length), ...body])
}

/** A handshake that goes wrong somewhere: damaged, cut, in tiny records, or followed by what does not belong there. */
export const wrongHandshake = (dice: Dice): Buffer => {
  const hello = clientHello(dice)
  return dice.pick<() => Buffer>([
    () => mutate(dice, hello),
    () => hello.subarray(0, 1 + dice.below(hello.length - 1)),
    () => Buffer.concat([hello, wrongRecords(dice)]),
    () => Buffer.concat([hello, clientHello(dice)]),
    () => Buffer.concat([...hello.subarray(5)].map((octet) => record(22, [octet]))),
    () => wrongRecords(dice),
  ])()
}

/** Below a connection that is secured: alerts, records that cannot be deciphered, and the first half of one. */
export const wrongRecords = (dice: Dice): Buffer =>
  Buffer.concat(
    dice.some(1, 6, () =>
      dice.pick<() => Buffer>([
        () => record(21, dice.pick([[1, 0], [2, 40], [2, 80], [1], []])),
        () => record(23, [...dice.octets(dice.pick([0, 1, 17, 300]))]),
        () => record(23, [...dice.octets(dice.below(300))], dice.pick([16_384, 16_640, 65_535])),
        () => record(22, [0, 0, 0, 0]), // asks to shake hands again
        () => record(20, [1]),
        () => record(24, [1, 255, 255]), // heartbeat (RFC 6520) that claims more than it has
        () => record(dice.below(256), [...dice.octets(dice.below(40))]),
        () => Buffer.from('QUIT\r\n'),
      ])(),
    ),
  )

/** For a port under TLS from the start. */
export const belowTls: readonly State[] = [
  { name: 'during the handshake', bare: true, raw: true, input: wrongHandshake, enter: async () => undefined },
  { name: 'in the clear on the secured port', bare: true, enter: async () => undefined },
  { name: 'half a record under TLS', raw: true, input: wrongRecords, enter: async () => undefined },
]
