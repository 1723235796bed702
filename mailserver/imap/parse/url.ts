/**
 * IMAP URLs of one message or a part of it (RFC 5092 §5), as CATENATE takes them: "/Drafts;UIDVALIDITY=3/;UID=20/;SECTION=1.2",
 * ";UID=20" for the selected mailbox, and absolute ones. Pure: whether they point anywhere is asked later.
 */
import { maxUrl } from '../limits.ts'
import { type Partial, readSection, type Section } from './fetch.ts'
import { BadSyntax, Scanner } from './scanner.ts'

export type MessageUrl = {
  /** of an absolute URL; percent-decoded */
  server?: { user?: string; host: string }
  /** absent: the selected one */
  mailbox?: string
  uidValidity?: number
  uid: number
  section?: Section
  /** `count` absent: up to the end */
  partial?: { from: number; count?: number }
}
export type { Partial }

/** @returns undefined when it names no message: also for searches, and URLs that want an authorisation of their own */
export function readMessageUrl(url: string): MessageUrl | undefined {
  if (url.length > maxUrl || !/^[\x21-\x7e]+$/.test(url)) return undefined
  const absolute = /^imap:\/\/(?:([^/@]*)@)?([^/@]+)(?=\/)/i.exec(url)
  const path = url.slice(absolute ? absolute[0].length : 0)
  const at = path.toUpperCase().lastIndexOf(';UID=')
  if (at === -1 || (at > 0 && path[at - 1] !== '/')) return undefined
  const message = /^;UID=([1-9]\d{0,9})(?:\/;SECTION=([^;]+?))?(?:\/;PARTIAL=(\d{1,15})(?:\.([1-9]\d{0,14}))?)?$/i.exec(
    path.slice(at),
  )
  const box = /^\/?([^;?]*)(?:;UIDVALIDITY=([1-9]\d{0,9}))?$/i.exec(path.slice(0, Math.max(0, at - 1)))
  if (!message || !box || Number(message[1]) > 0xffff_ffff) return undefined
  try {
    const mailbox = decodeURIComponent(box[1]!)
    const section = message[2] === undefined ? undefined : sectionOf(decodeURIComponent(message[2]))
    const user = absolute?.[1] === undefined ? undefined : decodeURIComponent(absolute[1].split(';', 1)[0]!)
    if (mailbox === '' && (box[2] !== undefined || absolute)) return undefined
    return {
      ...(absolute ? { server: { host: absolute[2]!, ...(user ? { user } : {}) } } : {}),
      ...(mailbox ? { mailbox } : {}),
      ...(box[2] ? { uidValidity: Number(box[2]) } : {}),
      uid: Number(message[1]),
      ...(section ? { section } : {}),
      ...(message[3]
        ? { partial: { from: Number(message[3]), ...(message[4] ? { count: Number(message[4]) } : {}) } }
        : {}),
    }
  } catch (error) {
    if (error instanceof URIError || error instanceof BadSyntax) return undefined
    throw error
  }
}

function sectionOf(text: string): Section {
  const scanner = new Scanner([{ literal: false, octets: Buffer.from(`[${text}]`) }])
  const section = readSection(scanner)
  scanner.end()
  return section
}
