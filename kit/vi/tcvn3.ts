/**
 * TCVN3 (ABC), the encoding of documents and subjects before Unicode, read as Latin-1 (domain.md §8.3).
 * U+00AD (soft hyphen) stands for ư and is lost or turned into U+2212 by many programs.
 */
const pairs =
  'µà ¸á ¶ả ·ã ¹ạ ¨ă »ằ ¾ắ ¼ẳ ½ẵ Æặ ©â Çầ Êấ Èẩ Éẫ Ëậ ®đ Ìè Ðé Îẻ Ïẽ Ñẹ ªê Òề Õế Óể Ôễ Öệ ×ì Ýí Øỉ Üĩ Þị ' +
  'ßò ãó áỏ âõ äọ «ô åồ èố æổ çỗ éộ ¬ơ êờ íớ ëở ìỡ îợ ïù óú ñủ òũ ôụ \u00adư −ư õừ øứ öử ÷ữ ùự úỳ ýý ûỷ üỹ þỵ ' +
  '¡Ă ¢Â §Đ £Ê ¤Ô ¥Ơ ¦Ư'
const table = new Map(pairs.split(' ').map((p) => [p[0]!, p[1]!]))

/** @param capitals the run's font is a capitals font (.VnTimeH): its lower-case codes are shown as capitals */
export function fromTcvn3(text: string, { capitals = false } = {}): string {
  const unicode = Array.from(text, (c) => table.get(c) ?? c).join('')
  return capitals ? unicode.toLocaleUpperCase('vi') : unicode
}

// These are rare in Western text and frequent in TCVN3: ® ¸ µ © ª ¬ § Ö × Ë Ê Ò Ó Ô Õ before or after ASCII letters.
const typical = /[\u00a1-\u00a9\u00ab-\u00b1\u00b5-\u00b9\u00bb-\u00be\u00c6-\u00cf\u00d0-\u00df]/
const vietnamese = /[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]/gi
// Vowel pairs that only Vietnamese has: if they show after conversion, the text was TCVN3.
const telling = /(ươ|ướ|ườ|ượ|iế|iề|iệ|uyế|uyề|uyệ|ộ|ạ|ấ|ầ|ậ|ế|ệ|ị|ố|ồ|ụ|ứ|ừ|đ)/i

/**
 * Whether a Latin-1 text is TCVN3: it has codes that are letters there and signs in Latin-1, and turns into words
 * with marks that only Vietnamese has. A fallback: where a font name is known (".VnTime"), believe that.
 */
export function looksTcvn3(text: string): boolean {
  // Beyond Latin-1 (but for the minus that stands for ư) it is not a byte encoding read as Latin-1.
  if (/[^\u0000-\u00ff\u2212]/.test(text) || !typical.test(text)) return false
  const converted = fromTcvn3(text)
  const letters = converted.match(/\p{L}/gu)?.length ?? 0
  const marked = converted.match(vietnamese)?.length ?? 0
  return telling.test(converted) && letters > 0 && marked / letters > 0.1 && !/[\p{S}]/u.test(converted)
}
