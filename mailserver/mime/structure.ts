/** BODYSTRUCTURE and BODY (RFC 9051 §7.5.2), written from the tree of parts. */
import { envelopeOf } from '#mailserver/mime/envelope.ts'
import { fieldOf } from '#mailserver/mime/fields.ts'
import { imapString, nstring } from '#mailserver/mime/imaptext.ts'
import type { Parameterised } from '#mailserver/mime/parameters.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import type { PartHeader, Tree } from '#mailserver/mime/tree.ts'
import { isMessage } from '#mailserver/mime/tree.ts'

/** A multipart must have a part (the grammar says 1*body); one whose boundary never comes is shown with an empty text. */
const emptyPart = (extended: boolean) =>
  `("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0${extended ? ' NIL NIL NIL NIL' : ''})`

/** The form without extension data, and the one with it. */
export type Structure = { body: string; bodyStructure: string }

export function structureOf({ root, headers }: Tree): Structure {
  function part(p: MimePart): Structure {
    const header = headers.get(p)!
    const [major, minor] = splitType(p.type)
    if (major === 'multipart') {
      const inside = p.children.map(part)
      const type = imapString(minor)
      return {
        body: `(${inside.map((i) => i.body).join('') || emptyPart(false)} ${type})`,
        bodyStructure: `(${inside.map((i) => i.bodyStructure).join('') || emptyPart(true)} ${type} ${parameters(header.type.pairs)} ${common(header)})`,
      }
    }
    const basic = [
      imapString(major),
      imapString(minor),
      parameters(header.type.pairs),
      nstring(fieldOf(header.fields, 'content-id')),
      nstring(fieldOf(header.fields, 'content-description')),
      imapString(p.encoding),
      String(p.bodyEnd - p.bodyStart),
    ].join(' ')
    const more = `${nstring(fieldOf(header.fields, 'content-md5'))} ${common(header)}`
    if (!isMessage(p)) {
      const said = major === 'text' ? `${basic} ${p.lines}` : basic
      return { body: `(${said})`, bodyStructure: `(${said} ${more})` }
    }
    const message = p.children[0]
    const envelope = envelopeOf(message ? headers.get(message)!.fields : [])
    const inside = message ? part(message) : { body: emptyPart(false), bodyStructure: emptyPart(true) }
    return {
      body: `(${basic} ${envelope} ${inside.body} ${p.lines})`,
      bodyStructure: `(${basic} ${envelope} ${inside.bodyStructure} ${p.lines} ${more})`,
    }
  }
  return part(root)
}

/** Disposition, language, location. */
function common({ fields, disposition }: PartHeader): string {
  const shown = disposition ? `(${imapString(disposition.value)} ${parameters(disposition.pairs)})` : 'NIL'
  const languages = (fieldOf(fields, 'content-language') ?? '')
    .split(',', 20)
    .map((tag) => tag.trim().split(/[ \t]/, 1)[0]!) // a tag has no blanks (RFC 5646 §2.1)
    .filter((tag) => tag !== '')
  const language = languages.length > 1 ? `(${languages.map(imapString).join(' ')})` : nstring(languages[0])
  return `${shown} ${language} ${nstring(fieldOf(fields, 'content-location'))}`
}

function parameters(pairs: Parameterised['pairs']): string {
  return pairs.length === 0
    ? 'NIL'
    : `(${pairs.map(([name, value]) => `${imapString(name)} ${imapString(value)}`).join(' ')})`
}

function splitType(type: string): [string, string] {
  const slash = type.indexOf('/')
  return [type.slice(0, slash), type.slice(slash + 1)]
}
