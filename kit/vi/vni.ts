/**
 * VNI for Windows, the other encoding of documents before Unicode, read as Latin-1: a mark follows its vowel as a letter
 * of its own ("coâng" is công). i, y with a dot, đ, ơ and ư are single letters.
 */
const tones: Record<string, string> = { ù: '\u0301', ø: '\u0300', û: '\u0309', õ: '\u0303', ï: '\u0323' }
const hat = '\u0302'
const hats: Record<string, string> = {
  â: hat,
  á: `${hat}\u0301`,
  à: `${hat}\u0300`,
  å: `${hat}\u0309`,
  ã: `${hat}\u0303`,
  ä: `${hat}\u0323`,
}
const bowl = '\u0306'
const bowls: Record<string, string> = {
  ê: bowl,
  é: `${bowl}\u0301`,
  è: `${bowl}\u0300`,
  ú: `${bowl}\u0309`,
  ü: `${bowl}\u0303`,
  ë: `${bowl}\u0323`,
}
const single: Record<string, string> = { ñ: 'đ', ô: 'ơ', ö: 'ư', í: 'í', ì: 'ì', æ: 'ỉ', ó: 'ĩ', ò: 'ị', î: 'ỵ' }

/** What stands before a mark decides what the mark is: only a takes the bowl, only a, e, o the hat. */
const marksOf: Record<string, Record<string, string>> = {
  a: { ...tones, ...hats, ...bowls },
  e: { ...tones, ...hats },
  o: { ...tones, ...hats },
  u: tones,
  y: tones,
  ô: tones,
  ö: tones,
}

const table = new Map<string, string>()
for (const [base, marks] of Object.entries(marksOf))
  for (const [mark, combining] of Object.entries(marks)) {
    const letter = `${single[base] ?? base}${combining}`.normalize('NFC')
    table.set(base + mark, letter)
    // a capital takes the capital mark; programs that capitalise the first letter only leave the mark small
    table.set(base.toUpperCase() + mark.toUpperCase(), letter.toUpperCase())
    table.set(base.toUpperCase() + mark, letter.toUpperCase())
  }
for (const [from, to] of Object.entries(single)) {
  table.set(from, to)
  table.set(from.toUpperCase(), to.toUpperCase())
}
const pairs = [...table.keys()].filter((k) => k.length === 2)
const pattern = new RegExp(
  `${pairs.join('|')}|[${Object.keys(single).join('')}${Object.keys(single).join('').toUpperCase()}]`,
  'g',
)
const pairOnly = new RegExp(pairs.join('|'), 'g')

export function fromVni(text: string): string {
  return text.replaceAll(pattern, (found) => table.get(found) ?? found)
}

// Syllables that only Vietnamese has, in VNI as bytes: ươ, đư, hat or bowl with a tone.
const telling = /ñöô|öôï|öôù|öôø|[aeo][áàåä]|a[éèë]|ieâ|uyeá|uyeà|uyeä/i

/**
 * Whether a Latin-1 text is VNI: vowels followed by a mark that no Western language writes there, often. A fallback:
 * where a font name is known ("VNI-Times"), believe that.
 */
export function looksVni(text: string): boolean {
  if (/[^\u0000-\u00ff]/.test(text) || !telling.test(text)) return false
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const found = text.match(pairOnly)?.length ?? 0
  // in Vietnamese two syllables of three have a mark; French "aê", "oï" stay far below one letter in twenty
  return found >= 3 && found / letters > 0.08
}
