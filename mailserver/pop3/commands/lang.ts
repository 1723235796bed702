/** LANG (RFC 6856 §3): the language of the sentences that people read in their mail program. */
import { err, type Language, ok } from '../reply.ts'
import { command } from './command.ts'

const languages = [
  ['vi', 'Tiếng Việt'],
  ['en', 'English'],
] as const

export const lang = command({
  name: 'LANG',
  when: 'always',
  read: (args) => args.trim().toLowerCase(),
  run(session, asked) {
    if (asked === '') {
      session.out.line('+OK Language listing follows')
      for (const [tag, name] of languages) session.out.line(`${tag} ${name}`)
      session.out.line('.')
      return undefined
    }
    // RFC 4647 §3.4: "vi-VN" is served by "vi"; "*" is whatever the server would speak by itself
    const found = languages.find(([tag]) => asked === tag || asked.startsWith(`${tag}-`))
    if (!found && asked !== '*' && asked !== 'i-default') return err('no such language')
    session.language = found ? (found[0] satisfies Language) : 'both'
    return ok(found ? `${found[0]} ${found[1]}` : 'i-default Tiếng Việt / English')
  },
})
