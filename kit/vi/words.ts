/** Numbers as Vietnamese writes them: digits with dots, and in words ("Năm mươi nghìn đồng"). */

/** 1284 → "1.284"; 97.4 → "97,4" */
export const figures = (n: number, decimals = 0): string =>
  new Intl.NumberFormat('vi-VN', { maximumFractionDigits: decimals }).format(n)

/** Octets as people read them: "318 KB", "2,4 MB" (decimal units, as file managers on phones show them). */
export function size(octets: number): string {
  if (octets < 1000) return `${octets} byte`
  if (octets < 999_500) return `${figures(octets / 1000)} KB`
  if (octets < 999_500_000) return `${figures(octets / 1e6, 1)} MB`
  return `${figures(octets / 1e9, 1)} GB`
}

/**
 * A number as people type it: "1.500", "1500", "19,5", "19.5". Dots before groups of three are separators.
 * @returns undefined when it is no number
 */
export function readNumber(typed: string): number | undefined {
  const t = typed.trim().replaceAll(/[\s\u00a0]/g, '')
  if (/^-?\d{1,3}(\.\d{3})+(,\d+)?$/.test(t)) return Number(t.replaceAll('.', '').replace(',', '.'))
  return /^-?\d{1,15}([.,]\d{1,6})?$/.test(t) ? Number(t.replace(',', '.')) : undefined
}

const digits = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín']
const groups = ['', 'nghìn', 'triệu', 'tỷ', 'nghìn tỷ', 'triệu tỷ']

/** @param full the group has a higher one before it, so that "không trăm" and "linh" are spoken */
function threeDigits(n: number, full: boolean): string[] {
  const [hundred, ten, one] = [Math.floor(n / 100), Math.floor(n / 10) % 10, n % 10] as const
  const words: string[] = []
  if (hundred > 0 || full) words.push(digits[hundred]!, 'trăm')
  if (ten === 0) {
    if (one === 0) return words
    if (words.length > 0) words.push('linh')
    return [...words, digits[one]!]
  }
  words.push(...(ten === 1 ? ['mười'] : [digits[ten]!, 'mươi']))
  if (one === 1 && ten > 1) words.push('mốt')
  else if (one === 5) words.push('lăm')
  else if (one > 0) words.push(digits[one]!)
  return words
}

/**
 * A whole number in words: 50000 → "năm mươi nghìn", 1005 → "một nghìn không trăm linh năm".
 * @throws RangeError unless it is a whole number from 0 to Number.MAX_SAFE_INTEGER
 */
export function inWords(n: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`${n} is not a whole number from 0`)
  if (n === 0) return digits[0]!
  const words: string[] = []
  for (let group = Math.floor(Math.log10(n) / 3); group >= 0; group--) {
    const part = Math.floor(n / 1000 ** group) % 1000
    if (part > 0) words.push(...threeDigits(part, words.length > 0), groups[group]!)
  }
  return words.filter(Boolean).join(' ')
}

/** 50000 → "50.000 đồng" */
export const money = (dong: number): string => `${figures(dong)} đồng`
/** 50000 → "Năm mươi nghìn đồng" */
export function moneyInWords(dong: number): string {
  const words = inWords(dong)
  return `${words[0]!.toUpperCase()}${words.slice(1)} đồng`
}
