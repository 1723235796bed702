/** What smtp-server does not ask of an address in MAIL and RCPT, or asks too much. Pure. */

/** atext of RFC 5322 §3.2.3 and what is beyond ASCII (RFC 6531 §3.3), with dots; or a quoted string without space (RFC 5321 §4.1.2). */
const local = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\ufffc\u{10000}-\u{10ffff}-]+|"(?:[^"\\\s]|\\[!-~])+")$/u

/** What stands before the last @ goes into header fields that programs read: nothing that these would take for their own syntax. */
export function isMailbox(address: string): boolean {
  const at = address.lastIndexOf('@')
  return local.test(at < 0 ? address : address.slice(0, at)) && !address.includes('\ufffd')
}

/** Printers and scanners leave out the angle brackets; everybody takes that from them. */
export function bracketed(line: string): string {
  return line.replace(/^([A-Za-z]{4} [A-Za-z]{2,4}:)[ \t]*([^<>\s]+@[^<>\s]+)(?=\s|$)/, '$1<$2>')
}

/** The address as the client wrote it: smtp-server changes the domain to its Unicode form, which not every header may hold. */
export function written(line: string): string {
  const path = /<([^<>]*)>/.exec(line)![1]!
  return path.startsWith('@') ? path.slice(path.indexOf(':') + 1) : path // RFC 5321 appendix C: a source route is ignored
}
