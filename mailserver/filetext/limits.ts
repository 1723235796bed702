/** How much of a stranger's file is looked at, so that no file stalls, fills or ends anything. */

/** Decoded octets of a file; the largest message is 50 MB encoded. */
export const MAX_FILE_OCTETS = 40 * 1024 * 1024
/** Characters of one file's text; a law of 300 pages has 700,000. What stands behind is not searched. */
export const MAX_FILE_TEXT = 1024 * 1024
/** Characters of all files of one message: each is read when a search looks at the message. */
export const MAX_CONTENT_TEXT = 4 * 1024 * 1024
/** Files of one message; a folder of scans has some tens. */
export const MAX_FILES = 200
/** Octets that all archives of one file may unpack to, whatever they say of themselves. */
export const MAX_UNPACKED = 50 * 1024 * 1024
/** An XML text packs to a twentieth, an empty table to a hundredth; a bomb to a thousandth. */
export const MAX_RATIO = 300
/** Small entries are let through whatever their ratio. */
export const RATIO_FROM = 4 * 1024 * 1024
/** Files of a zip that people made. */
export const MAX_ZIP_ENTRIES = 100
/** A presentation has an entry for each picture, slide and layout. */
export const MAX_OFFICE_ENTRIES = 10_000
/** Zip in zip; a zip that holds itself ends here. */
export const MAX_ZIP_NESTING = 2
/** Pages of a PDF; of a scan of 10,000 there is no text anyway. */
export const MAX_PAGES = 3_000
/** Milliseconds after which a PDF is left with the pages read until then: the front of a long one is better than nothing. */
export const PDF_MS = 10_000
/** Milliseconds for one file; a law of 300 pages takes two seconds on a slow machine, and this process is a patient one. */
export const FILE_MS = 30_000
/** JavaScript heap and whole memory of the process that reads files. */
export const HEAP_MB = 384
export const MEMORY_MB = 900
