/** What a line of the record says, in words of the page. The record keeps English sentences, which are never rewritten. Pure. */
import { folderName } from '#kit/vi/folders.ts'
import { figures, size } from '#kit/vi/words.ts'

const count = (n: string): string => `${figures(Number(n))} thư`
const octets = (n: string): string => size(Number(n))
const query = (text: string): string =>
  text === 'ALL'
    ? 'mọi thư'
    : /^UID [\d,]+$/.test(text)
      ? `thư số ${text.slice(4).replaceAll(',', ', ')}`
      : `tìm bằng “${text}”`
const names = (paths: string): string =>
  paths
    .split(', ')
    .map((path) => `“${folderName(path)}”`)
    .join(', ')
const script = (name: string): string => `“${name}”`

/** In the order in which they are tried; groups are given to the words as they stand. */
const sentences: readonly [pattern: RegExp, words: (...groups: string[]) => string][] = [
  [
    /^(\d+) messages found in (?:all folders|(.*?)) by (.*)$/s,
    (n, folders, by) => `${count(n!)} trong ${folders ? names(folders) : 'mọi thư mục'}, ${query(by!)}`,
  ],
  [
    /^(\d+) messages \((\d+) octets\) to be removed from (.*?) by (.*)$/s,
    (n, o, folder, by) => `${count(n!)} (${octets(o!)}) trong ${names(folder!)}, ${query(by!)}`,
  ],
  [
    /^(\d+) messages to be moved from (.*?) to (.*?) by (.*)$/s,
    (n, from, to, by) => `${count(n!)} từ ${names(from!)} sang ${names(to!)}, ${query(by!)}`,
  ],
  [
    /^(\d+) messages \((\d+) octets\) to be copied from (.*?) to (.*?) by (.*)$/s,
    (n, o, from, to, by) => `${count(n!)} (${octets(o!)}) từ ${names(from!)} sang ${names(to!)}, ${query(by!)}`,
  ],
  [
    /^(\d+) messages in (.*): (add|remove|set) (.*?) by (.*)$/s,
    (n, folder, op, flags, by) =>
      `${count(n!)} trong ${names(folder!)}: ${{ add: 'thêm dấu', remove: 'bỏ dấu', set: 'đặt dấu' }[op!]} ${flags}, ${query(by!)}`,
  ],
  [
    /^(\d+) messages of (.*) to be exported to (mbox|maildir) (.*)$/s,
    (n, folder, kind, to) => `${count(n!)} của ${names(folder!)} ra ${to} (${kind})`,
  ],
  [/^(\d+) deleted messages found by (.*)$/s, (n, by) => `${count(n!)} đã xóa, ${query(by!)}`],
  [
    /^(\d+) deleted messages \((\d+) octets\) to be restored to where they lay by (.*)$/s,
    (n, o, by) => `${count(n!)} (${octets(o!)}) về thư mục cũ, ${query(by!)}`,
  ],
  [
    /^(\d+) deleted messages \((\d+) octets\) to be restored to (.*?) by (.*)$/s,
    (n, o, to, by) => `${count(n!)} (${octets(o!)}) vào ${names(to!)}, ${query(by!)}`,
  ],
  [/^(\d+) deleted messages to be purged by (.*)$/s, (n, by) => `${count(n!)}, ${query(by!)}`],
  [/^(.*) UID (\d+), (\d+) octets$/s, (folder, uid, o) => `Thư số ${uid} trong ${names(folder!)}, ${octets(o!)}`],
  [
    /^(.*): (\d+) messages \((\d+) octets\) that came more than (\d+) days ago$/s,
    (folder, n, o, days) =>
      `${count(n!)} (${octets(o!)}) trong ${names(folder!)}, vào đó quá ${figures(Number(days))} ngày`,
  ],
  [
    /^(.*) with (\d+) messages \((\d+) octets\)$/s,
    (folder, n, o) => `${names(folder!)} có ${count(n!)} (${octets(o!)})`,
  ],
  [/^(\d+) sessions ended(, by id .*)?$/s, (n) => `${figures(Number(n))} phiên`],
  [
    /^days kept, of (.*?): (.*)$/s,
    (scope, said) => `${scope === 'all' ? 'Mức chung' : scope}: ${said!.split(', ').map(days).join(', ')}`,
  ],
  [/^script (.*), active$/s, (name) => `${script(name!)}, đang dùng`],
  [/^script (.*)$/s, (name) => script(name!)],
  [/^none$/, () => 'Tắt mọi bộ lọc'],
  [/^(\S+) removed$/, (what) => `Đã gỡ ${what}`],
  [
    /^((?:\S+ (?:set|removed))(?:, \S+ (?:set|removed))*)$/,
    (all) =>
      all!
        .split(', ')
        .map((each) => each.replace(/^(\S+) set$/, 'đặt $1').replace(/^(\S+) removed$/, 'gỡ $1'))
        .join(', '),
  ],
]

/** what is a name or a place and no sentence, by what was done */
const named: Record<string, (detail: string) => string> = {
  'mailbox.create': names,
  'mailbox.rename': (detail) => {
    const [, from, to] = /^(.*) to (.*)$/s.exec(detail) ?? []
    return from === undefined ? detail : `${names(from)} thành ${names(to!)}`
  },
  'mail.import': (detail) => `Từ ${detail}`,
  backup: (detail) => detail,
  'script read': script,
  'script kept': scriptOf,
  'script made active': scriptOf,
  'script removed': scriptOf,
  'script renamed': scriptOf,
}

function days(said: string): string {
  const [, use, n] = /^(junk|trash) (.*)$/.exec(said) ?? []
  if (use === undefined) return 'không đổi'
  const kept = n === '0' ? 'giữ mãi' : /^\d+$/.test(n!) ? `${n} ngày` : 'theo mức chung'
  return `${use === 'junk' ? 'Thư rác' : 'Thùng rác'} ${kept}`
}

/** From ManageSieve as JSON, from elsewhere as it is called. */
function scriptOf(detail: string): string {
  if (!detail.startsWith('{'))
    return script(detail.replace(/, active$/, '')) + (detail.endsWith(', active') ? ', đang dùng' : '')
  const said = JSON.parse(detail) as { script?: string; to?: string }
  if (said.script === '') return 'Tắt mọi bộ lọc'
  return said.to === undefined ? script(said.script ?? '') : `${script(said.script ?? '')} thành ${script(said.to)}`
}

/** @returns undefined for a sentence that nobody has put into words: the page shows it as it is, marked as English */
export function detailWords(what: string, detail: string): string | undefined {
  const byName = Object.hasOwn(named, what) ? named[what] : undefined
  if (byName) return byName(detail)
  for (const [pattern, words] of sentences) {
    const found = pattern.exec(detail)
    if (found) return words(...found.slice(1).map((group) => group ?? ''))
  }
  return undefined
}
