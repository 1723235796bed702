/** The two listeners of IMAP (RFC 9051 and what we announce). */
import type { Target } from '../target.ts'
import { belowTls } from '../tlsrecords.ts'
import { imapCommand } from './imapgrammar.ts'
import { imapStartTls, imapStates } from './imapstates.ts'

const recorded = [
  'a ID ("name" "Thunderbird" "version" "128.5")\r\nb LOGIN "khong.ai@haiduong.gov.vn" "x"\r\nc CAPABILITY\r\n',
  'a NAMESPACE\r\nb LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))\r\nc SELECT INBOX (CONDSTORE)\r\nd UID FETCH 1:* (FLAGS UID)\r\ne UID FETCH 1 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID References Content-Type)])\r\nf IDLE\r\nDONE\r\ng CLOSE\r\n',
  'A1 APPEND Drafts (\\Draft \\Seen) "24-Nov-2026 08:00:00 +0700" {44+}\r\nFrom: a@b\r\nSubject: thu\r\nTo: c@d\r\n\r\nxin chao\r\nA2 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\nA3 UID EXPUNGE 1\r\n',
  '1 ENABLE QRESYNC UTF8=ACCEPT\r\n2 SELECT INBOX (QRESYNC (1 1 1:5 (1,2 1,2)))\r\n3 UID SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN SINCE 1-Jan-2026 NOT DELETED\r\n4 UID SORT (REVERSE DATE) UTF-8 ALL\r\n5 UID THREAD REFERENCES UTF-8 ALL\r\n6 FETCH 1:* (ENVELOPE BODYSTRUCTURE PREVIEW BINARY.SIZE[1])\r\n7 UID MOVE 1 Trash\r\n',
]

const serve: Target['serve'] = async ({ bystander, password }, open) => {
  const wire = await open()
  await wire.until(/^\* OK/m)
  await wire.ask(`a LOGIN ${bystander} "${password}"`, /^a OK/m)
  await wire.ask('b SELECT INBOX', /^b OK/m)
  await wire.ask('c FETCH 1:* (FLAGS)', /^c OK/m)
  wire.destroy()
}

const both = { command: imapCommand, sessions: recorded, serve }
export const imap: Target = {
  name: 'IMAP',
  at: ({ ports }) => ({ port: ports['imap']! }),
  states: [...imapStates, ...imapStartTls],
  ...both,
}
export const imaps: Target = {
  name: 'IMAP under TLS',
  at: ({ ports }) => ({ port: ports['imaps']! }),
  secured: true,
  states: [...imapStates.filter((s) => !s.raw && s.name !== 'after COMPRESS'), ...belowTls],
  ...both,
}
