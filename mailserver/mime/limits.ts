/**
 * How much of a hostile message is looked at. Reading is one pass over the octets; these bound what is built from
 * them. Beyond a limit nothing is refused: the octets are kept and served, only what we say of them is cut.
 */

/** A real message with a folder of scans has some hundred parts; BODYSTRUCTURE of 10,000 is about 1 MB. */
export const MAX_PARTS = 10_000
/** Forwarded in forwarded mail, ten times over, comes to 30; each level is a stack frame in what reads the tree. */
export const MAX_NESTING = 100
/** Fields beyond this are not read. 5,000 recipients in To with names come to 350 KB. */
export const MAX_HEADER_OCTETS = 512 * 1024
/** RFC 2046 §5.1.1 allows 70; programs that write longer ones stay below this. */
export const MAX_BOUNDARY = 250
/** Content-Type of mail programs has at most ten, or as many continuations of a long Vietnamese file name (RFC 2231). */
export const MAX_PARAMETERS = 100
/** A file name holds 255 octets, three times that when percent-encoded; a DKIM-length value fits too. */
export const MAX_PARAMETER_OCTETS = 4096
/** Address fields of a mail to everybody. */
export const MAX_ADDRESSES = 10_000
/** Decoded text that is searched; a long contract as text is 300 KB. */
export const MAX_TEXT = 1024 * 1024
/** Encoded octets that are read to get it: base64 and quoted-printable of 3-octet letters, or HTML of ten times its text. */
export const MAX_TEXT_OCTETS = 8 * 1024 * 1024
/** References of one message that are kept: a thread of 500 letters is read by nobody as a tree, and each costs 8 octets for ever. */
export const MAX_REFERENCES = 500
/** Characters of a subject or name that lists are sorted by; what is the same up to here counts as the same. */
export const MAX_SORT_KEY = 500
