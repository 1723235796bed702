/** Rules in words, for the list. Pure. */
import type { Condition, Rule } from './rules.ts'

export function conditionWords(c: Condition): string {
  switch (c.of) {
    case 'from':
      return `người gửi có “${c.text}”`
    case 'to':
      return `người nhận có “${c.text}”`
    case 'subject':
      return `tiêu đề có “${c.text}”`
    case 'attachment':
      return 'có tệp đính kèm'
    case 'larger':
      return `lớn hơn ${c.mb} MB`
    case 'smaller':
      return `nhỏ hơn ${c.mb} MB`
  }
}

/** @param label of a folder's path */
export function ruleWords(rule: Rule, label: (path: string) => string): { when: string; does: string } {
  const joined = rule.conditions.map(conditionWords).join(rule.match === 'all' ? ' và ' : ' hoặc ')
  const acts = [
    ...(rule.move ? [`chuyển vào ${label(rule.move)}`] : []),
    ...(rule.copy ? [`chép vào ${label(rule.copy)}`] : []),
    ...(rule.flag ? ['gắn cờ Cần làm'] : []),
    ...(rule.read ? ['đánh dấu đã đọc'] : []),
    ...(rule.forward ? [`gửi bản sao cho ${rule.forward}`] : []),
    ...(rule.last ? ['bỏ qua các quy tắc dưới'] : []),
  ]
  return { when: sentence(joined), does: sentence(acts.join(', ')) }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
