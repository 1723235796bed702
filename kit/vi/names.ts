/** Names of people: "Họ Đệm Tên". Sorted by tên, then họ, then đệm (domain.md §8.2); addressed by tên. */
export type Name = { ho: string; dem: string; ten: string }

export function parseName(full: string): Name {
  const words = full.normalize('NFC').trim().split(/\s+/)
  if (words.length === 1) return { ho: '', dem: '', ten: words[0]! }
  return { ho: words[0]!, dem: words.slice(1, -1).join(' '), ten: words.at(-1)! }
}

/** CLDR's Vietnamese order: tones ngang, huyền, hỏi, ngã, sắc, nặng; a ă â, d đ, e ê, o ô ơ, u ư are letters of their own. */
const collator = new Intl.Collator('vi', { numeric: true })
export const collate = (a: string, b: string): number => collator.compare(a, b)

/** For `sort`: Trần Thị Hà before Nguyễn Văn Hải before Lê Hằng. */
export function byName(a: string, b: string): number {
  const [x, y] = [parseName(a), parseName(b)]
  return collate(x.ten, y.ten) || collate(x.ho, y.ho) || collate(x.dem, y.dem)
}

/** Two capitals for the round sign of a person: Trần Thị Hà → "TH". */
export function initials(full: string): string {
  const { ho, ten } = parseName(full)
  return `${ho.slice(0, 1)}${ten.slice(0, 1)}`.toLocaleUpperCase('vi')
}
