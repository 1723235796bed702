/** What the portal takes, each with its reason. Sizes are decimal, as phones show them. */
const MB = 1_000_000

/** A colour scan of 20 pages at 200 dpi is about 10 MB; larger ones are scanned again, not sent. */
export const MAX_FILE_BYTES = 15 * MB
/** Of all files of one application, when the mail server takes as much. */
const MAX_ALL_BYTES = 50 * MB
/** A message carries files as base64, 37 % longer, and a little text. */
const MESSAGE_SHARE = 0.72

export const maxAllBytes = (maxMessageMb: number): number =>
  Math.min(MAX_ALL_BYTES, Math.floor(maxMessageMb * MESSAGE_SHARE) * MB)

/** The longest list of documents of domain.md §4 has 7; several scans of each. A message holds at most 60. */
export const MAX_FILES = 40

/** A draft is kept this long after its last change: a month to collect papers. */
export const DRAFT_DAYS = 30
/** The done page can be opened this long; then only the hash of the lookup secret is left, in the case. */
export const DONE_DAYS = 7

/** All drafts together: a citizen's upload must never fill the disk that the mail is on. */
export const MAX_KEPT_BYTES = 20_000 * MB
/** Taken from one network in an hour: some fifty full applications of an office. */
export const MAX_BYTES_PER_HOUR = 2_000 * MB

/** New drafts from one network in an hour: a draft is a kilobyte; this keeps a program from filling the disk with them. */
export const MAX_DRAFTS_PER_HOUR = 3_000

/** Wrong lookups in an hour: from one network (an office may share it), and for one case (a forgetful citizen). */
export const MAX_WRONG_PER_NETWORK = 40
export const MAX_WRONG_PER_CASE = 20

/** After this long without a click the lookup asks for the secret again: the computer may be a shared one. */
export const LOOKUP_MINUTES = 30
