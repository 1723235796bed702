import { fromTcvn3, looksTcvn3 } from './tcvn3.ts'
import { fromVni, looksVni } from './vni.ts'

/**
 * Texts of before 2002, when a document's letters were Latin-1 and its font made them Vietnamese. A document says which by
 * the names of its fonts; without them the letters themselves tell.
 */
export type Legacy = 'tcvn3' | 'vni'

/** ".VnTime", ".VnArialH" are TCVN3 (ABC); "VNI-Times", "VNI Helve" are VNI. undefined: a font of Unicode. */
export function legacyOfFont(name: string): Legacy | undefined {
  if (/^\s*\.vn/i.test(name)) return 'tcvn3'
  return /^\s*vni[-_ ]/i.test(name) ? 'vni' : undefined
}

/** Letters that neither encoding can have made: the text is Unicode already. */
const unicode = /[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]/

/** @param known what the font of exactly this text says */
export function fromLegacy(text: string, known: Legacy): string {
  if (unicode.test(text)) return text
  return known === 'tcvn3' ? fromTcvn3(text) : fromVni(text)
}

/**
 * @param hint fonts that the document has somewhere; those texts of it that read as Vietnamese then are turned
 */
export function guessLegacy(text: string, hint?: Legacy): string {
  if (!/[\u0080-\u00ff]/.test(text) || unicode.test(text)) return text
  if (hint) return fromLegacy(text, hint)
  if (looksTcvn3(text)) return fromTcvn3(text)
  if (looksVni(text)) return fromVni(text)
  return text
}
