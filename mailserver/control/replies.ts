/** Replies for the edge: RFC 5321 code, RFC 3463 class; English and unmarked Vietnamese, since replies are ASCII. */
export type Reply = { code: number; message: string }

export const replies = {
  accepted: { code: 250, message: '2.1.5 Delivered / Da nhan' },
  full: { code: 452, message: '4.2.2 Mailbox is full, try later / Hop thu day, vui long gui lai sau' },
  tooLarge: { code: 552, message: '5.2.2 Larger than the mailbox allows / Thu lon hon dung luong hop thu' },
  later: { code: 451, message: '4.3.0 Cannot deliver now, try later / Tam thoi chua nhan duoc, vui long gui lai sau' },
  // RFC 3463 §3.4: X.3.1, the mail system is full
  diskFull: { code: 452, message: '4.3.1 Disk is full, try later / O dia may chu da day, vui long gui lai sau' },
  unknown: { code: 550, message: '5.1.1 No such address / Khong co dia chi nay' },
  disabled: { code: 550, message: '5.2.1 Mailbox is not in use / Hop thu khong con su dung' },
  notOurs: { code: 550, message: '5.7.1 We do not relay / May chu khong chuyen tiep thu cho ten mien nay' },
  internalOnly: { code: 550, message: '5.7.1 Closed list / Nhom chi nhan thu noi bo' },
} as const satisfies Record<string, Reply>

/** RFC 5429 §2.1.1: the recipient's own words, ASCII and on one line; "" for ours. */
export function refusedByOwner(reason: string): Reply {
  return { code: 550, message: `5.7.1 ${reason || 'Refused by the recipient / Nguoi nhan tu choi'}` }
}

export function refusedReply(verdict: 'unknown' | 'disabled' | 'not-ours' | 'internal-only'): Reply {
  return {
    unknown: replies.unknown,
    disabled: replies.disabled,
    'not-ours': replies.notOurs,
    'internal-only': replies.internalOnly,
  }[verdict]
}
