/**
 * Lists of people as spreadsheets write them: RFC 4180, and what Vietnamese Excel makes of it (semicolons, a byte-order mark,
 * either line end). Pure.
 */

/** A province has some ten thousand staff. */
export const rowLimit = 20_000

/** @returns rows of fields with the line each began on (1-based) @throws Error naming the line of a quote that never closes */
export function parseCsv(text: string): { line: number; fields: string[] }[] {
  const body = text.replace(/^\ufeff/, '')
  const firstLine = body.slice(0, (body.indexOf('\n') + 1 || body.length + 1) - 1)
  const separator = firstLine.split(';').length > firstLine.split(',').length ? ';' : ','
  const rows: { line: number; fields: string[] }[] = []
  let line = 1
  let at = 0
  while (at < body.length) {
    const begun = line
    const fields: string[] = []
    for (;;) {
      let field = ''
      if (body[at] === '"') {
        at++
        for (;;) {
          const end = body.indexOf('"', at)
          if (end === -1) throw new Error(`line ${begun}: a quote is opened and never closed`)
          field += body.slice(at, end)
          at = end + 1
          if (body[at] !== '"') break
          field += '"'
          at++
        }
        line += field.split('\n').length - 1
      }
      const plain = separator === ';' ? /[^;\r\n]*/y : /[^,\r\n]*/y // after a closing quote: belongs to the field too
      plain.lastIndex = at
      const found = plain.exec(body)![0]
      field += found
      at += found.length
      fields.push(field.trim())
      if (body[at] !== separator) break
      at++
    }
    if (body.startsWith('\r\n', at)) at += 2
    else at++
    line++
    if (fields.some((f) => f !== '')) rows.push({ line: begun, fields })
    if (rows.length > rowLimit + 1) throw new Error(`more than ${rowLimit} rows; split the list`)
  }
  return rows
}
