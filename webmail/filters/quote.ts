/** A quoted string of Sieve (RFC 5228 §2.4.2); line ends stay, control characters go. */
export const quoted = (text: string): string =>
  `"${text
    .replaceAll(/\r?\n/g, '\r\n')
    .replaceAll(/[\0-\x09\x0b\x0c\x0e-\x1f\x7f]/g, ' ')
    .replaceAll(/["\\]/g, '\\$&')}"`

/** For a comment: one line. */
export const constantText = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ')
