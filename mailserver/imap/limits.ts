/**
 * Every limit of the IMAP service that POP3 does not share (those are in sessions/limits.ts), with its reason. Each is checked before the step that it protects.
 * RFC 9051 leaves all of them to the server; what a client is told is named beside each.
 */

/** Octets of one line without its literals. RFC 7162 §4 asks for 8,192 at least; Thunderbird sends sets of thousands of UIDs. Beyond: BAD. */
export const maxLine = 64 * 1024
/** Before login nothing longer than a name and a password is needed. */
export const maxLineBeforeLogin = 8 * 1024
/** A literal outside APPEND is a mailbox name, a search word or a password. Beyond: BAD (or NO [TOOBIG]). */
export const maxLiteral = 64 * 1024
export const maxLiteralBeforeLogin = 4 * 1024
/** Literals of one command; SEARCH with one for each of several words is the most that clients send. */
export const maxLiterals = 256
/** Octets of a whole command, its line pieces and small literals together. */
export const maxCommand = 512 * 1024
/** Octets that are read and thrown away to find the next command after a refused one; then the connection ends. */
export const maxSkip = 4 * 1024 * 1024
/** A LITERAL+ message over the size limit is on its way already: read and thrown away up to this, then BYE. */
export const maxSkipMessage = 256 * 1024 * 1024
/** Octets of APPEND messages held in the memory of one thread; the next client waits before its literal is read. */
export const appendBudget = 192 * 1024 * 1024
/** Messages of one MULTIAPPEND: one transaction, about 0.3 ms each, in which nobody else is served. Beyond: BAD. */
export const maxAppendMessages = 500
/** Octets of one APPEND, its messages and what its URLs name together; each message has its own limit. Beyond: NO [LIMIT]. */
export const maxAppendOctets = 96 * 1024 * 1024
/** Characters of an IMAP URL: a mailbox name whose every character is percent-encoded, and a long list of fields. */
export const maxUrl = 8 * 1024
/** Parentheses and NOTs within one another. People nest three deep; recursion of ours ends here. */
export const maxNesting = 24
/** Keys of one SEARCH, in all. */
export const maxSearchKeys = 1_000
/** Elements of one parenthesised list: flags, fetch items, field names, patterns. */
export const maxList = 500
/** Times its own size that one message may be answered in one FETCH: whole, header, text and parts each once come to three. Beyond: NO [LIMIT]. */
export const maxTimesAnswered = 8
/** Octets that one message may always be answered with in one FETCH, however small it is: 500 sections of 2 KB. */
export const alwaysAnswered = 1024 * 1024
/** Ranges of one sequence set. A line of 64 KB cannot hold many more. */
export const maxSetRanges = 20_000
/** Characters of a keyword; they are kept for ever. */
export const maxKeyword = 100
/** Characters of a mailbox name (whole path) and its levels; deeper trees are slips of a script. */
export const maxMailboxName = 500
export const maxMailboxLevels = 16
/** Mailboxes of one account: LIST costs what the account holds. */
export const maxMailboxes = 5_000
/** Commands answered BAD in a row, then BYE: it is no IMAP client. */
export const maxBadInARow = 25
/** Milliseconds without traffic, RFC 9051 §5.4 (30 minutes at least). */
export const idleMs = 30 * 60_000
/** Rows taken from the store at a time, and when bodies go with them. */
export const sliceRows = 500
export const sliceBodies = 25
/** Of flags in memory, at a time: 0.1 ms, and some for a search with many keys. */
export const sliceFlags = 2_000
/** Messages of one flag change or expunge job, whose outcome is held here in full. */
export const jobRows = 5_000
/** Milliseconds for a whole command with its literals to arrive: 50 MB over a poor line, and no longer, since it holds memory. */
export const commandMs = 20 * 60_000
/** Keys of one SORT. There are nine; each twice is more than anybody means. */
export const maxSortKeys = 18
/** Runs of vanished UIDs read from the log for one answer; beyond, all UIDs that are not there are told, which costs what is there. */
export const maxVanishedRuns = 10_000
/** Ranges in one line of VANISHED: clients read lines into buffers. */
export const vanishedPerLine = 1_000
/** Items of a sort or thread handled between two looks at the clock. */
export const sortStep = 500
/** Rows asked of the store for sorting at a time: a few milliseconds. */
export const sortRows = 1_000
/** Message-IDs that one THREAD keeps, some 100 octets each; beyond, a message counts with its last reference only. */
export const maxThreadIds = 1_000_000
/** References read for one THREAD, 8 octets each: ten for each of 800,000 messages. Beyond, a message counts with its last one only. */
export const maxThreadReferences = 8_000_000
/** Steps up the tree in search of loops, for one THREAD in all: honest mail needs hardly any. Beyond, links that might close one are left out. */
export const maxLoopSteps = 2_000_000

/** Searches of a selected mailbox whose changes one session follows (RFC 5267), and messages in each; beyond: NO [NOUPDATE]. */
export const maxContexts = 8
export const maxContextResults = 20_000
/** Milliseconds of one command after which the client is told that it is worked on, and again (RFC 9585 §3 speaks of 10 to 15 s). */
export const progressMs = 10_000
/** Event groups of one NOTIFY; a filter for each mailbox is written as names of one group. */
export const maxNotifyGroups = 50
/** Mailboxes, names and entries that wait to be told to one session; then it is told that it missed some (RFC 5465 §5.8). */
export const maxNotices = 500
/** Entries of RFC 5464 that one holder may have on one mailbox (10 at least, §4.1); the notes of a few programs. Beyond: NO [METADATA TOOMANY]. */
export const maxMetadataEntries = 100
/** Octets of one value (1,024 at least, §4.1): settings and notes, no files. Beyond: NO [METADATA MAXSIZE]. */
export const maxMetadataValue = 16 * 1024
/** Characters of an entry's name; vendors nest a few levels. */
export const maxEntryName = 256
