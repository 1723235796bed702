/** One large letter to everybody: what it costs on the disk, and how long its sender waits. */
import { randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '#config/settings.ts'
import { LmtpConnection } from './lmtp.ts'
import { addressOf, benchPassword, withMailService } from './service.ts'
import type { Line } from './table.ts'

const people = 500
const octets = 20_000_000
const aimMs = 1_000
const aimMb = 22
const rounds = 3
const group = 'everybody@bench.test'
const host = '127.0.0.1'
const from = 'bench@example.org'

export function measureFanOut(): Promise<Line[]> {
  return withMailService({ with: ['edge'], people }, async (service) => {
    const all = Array.from({ length: people }, (_, n) => addressOf(n + 1))
    await service.directory()['group.add']({ address: group, name: 'Everybody', members: all, outside: true })
    const ways: { name: string; send(): Promise<number> }[] = [
      {
        name: `LMTP, ${people} RCPT`,
        async send() {
          using connection = await LmtpConnection.open({ host, port: service.ports.lmtp })
          return await connection.deliverToAll({ from, to: all, raw: largeLetter(from), answers: people })
        },
      },
      {
        name: 'LMTP, a group',
        async send() {
          using connection = await LmtpConnection.open({ host, port: service.ports.lmtp })
          return await connection.deliverToAll({ from, to: [group], raw: largeLetter(from), answers: 1 })
        },
      },
      {
        name: 'submission, a group',
        async send() {
          const at = { host, port: service.ports.submission }
          using connection = await LmtpConnection.openSmtp(at, { address: addressOf(0), password: benchPassword })
          return await connection.deliverToAll({
            from: addressOf(0),
            to: [group],
            raw: largeLetter(addressOf(0)),
            answers: 1,
          })
        },
      },
      {
        name: 'edge, a group',
        async send() {
          using connection = await LmtpConnection.openSmtp({ host, port: service.ports.smtp })
          return await connection.deliverToAll({ from, to: [group], raw: largeLetter(from), answers: 1 })
        },
      },
    ]
    const lines: Line[] = []
    for (const way of ways) {
      const before = diskOf(service.data)
      const times: number[] = []
      for (let n = 0; n < rounds; n++) times.push(await way.send())
      const megabytes = (diskOf(service.data) - before) / rounds / 1e6
      const how = `${way.name}, a letter of 20 MB to ${people} people, the middle of ${rounds}`
      lines.push(
        {
          what: 'end of DATA to the last 250',
          how,
          unit: 'ms',
          measured: times.sort((a, b) => a - b)[1]!,
          aim: { most: aimMs },
        },
        { what: 'disk for it, logs counted', how, unit: 'MB', measured: megabytes, aim: { most: aimMb } },
      )
    }
    return lines
  })
}

/** A text and a file in base64, new each time. */
function largeLetter(from: string): Buffer {
  const id = randomBytes(8).toString('hex')
  const head = [
    `From: ${from}`,
    `To: <${group}>`,
    `Subject: =?utf-8?Q?T=C3=A0i_li=E1=BB=87u?= ${id}`,
    `Message-ID: <${id}@bench.test>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Kính gửi các phòng, tài liệu họp kèm theo.',
    '--b',
    'Content-Type: application/pdf; name=tailieu.pdf',
    'Content-Disposition: attachment; filename=tailieu.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n')
  const base64 = randomBytes(Math.floor((octets / 78) * 57))
    .toString('base64')
    .replaceAll(/.{76}/g, '$&\r\n')
  return Buffer.from(`${head}${base64}\r\n--b--`)
}

/** Octets that the files of the data folder take; a file's blocks, not its length. */
function diskOf(data: string): number {
  const dir = paths(data).cell(1)
  let sum = 0
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).blocks * 512
  return sum
}
