import { codeAt, stepOf } from '#mailserver/accounts/totp.ts'

/** The telephone: knows the secret that the QR code said, and shows a code for every moment. */
export function phone(uri: string): (at: number) => string {
  const secret = new URL(uri).searchParams.get('secret')!
  const bits = [...secret]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('')
  const octets = Buffer.from(bits.match(/.{8}/g)!.map((eight) => Number.parseInt(eight, 2)))
  return (at) => codeAt(octets, stepOf(at))
}
