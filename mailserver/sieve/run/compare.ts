/** Comparators (RFC 4790): how two texts are equal, contained and ordered. */
export type Comparator = {
  /** the form in which texts are compared octet by octet */
  form(text: string): string
  order(a: string, b: string): number
}

/** Only A–Z are folded (RFC 4790 §9.2). */
const asciiLower = (text: string): string => text.replaceAll(/[A-Z]+/g, (s) => s.toLowerCase())
const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** RFC 4790 §9.1: digits at the start; what has none is greater than all numbers, and equal to its like. */
const numberOf = (text: string): bigint | undefined => {
  const digits = /^[0-9]{1,400}/.exec(text)?.[0]
  return digits === undefined ? undefined : BigInt(digits)
}

export const comparatorNamed: Readonly<Record<string, Comparator>> = {
  'i;octet': { form: (t) => t, order: byOctets },
  'i;ascii-casemap': {
    form: asciiLower,
    order: (a, b) => byOctets(asciiLower(a).toUpperCase(), asciiLower(b).toUpperCase()),
  },
  'i;ascii-numeric': {
    form: (t) => String(numberOf(t) ?? 'none'),
    order(a, b) {
      const [x, y] = [numberOf(a), numberOf(b)]
      if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1
      return x < y ? -1 : x > y ? 1 : 0
    },
  },
  // RFC 5051: titlecase, then compatibility decomposition; "Đ" and "đ" are one letter, "Đ" and "D" are two
  'i;unicode-casemap': {
    form: (t) => t.toUpperCase().normalize('NFKD'),
    order: (a, b) => byOctets(a.toUpperCase().normalize('NFKD'), b.toUpperCase().normalize('NFKD')),
  },
}
