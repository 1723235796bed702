/**
 * XML as a stream of tags and texts. htmlparser2 knows the five entities and numbers, no others and no DTD, so there is
 * nothing to expand ("billion laughs" stays a line of names), and what is not well-formed is read as far as it goes.
 */
import { Parser } from 'htmlparser2'
import { Unreadable } from '../unreadable.ts'

export type Attributes = Readonly<Record<string, string>>
export type XmlHandler = {
  open?: (name: string, attributes: Attributes) => void
  text?: (text: string) => void
  close?: (name: string) => void
}

/** Characters given to the parser at a time: its own buffer stays that small. */
const PIECE = 64 * 1024

/** Tables in tables in text boxes come to 60; the parser's time grows with the square of the depth. */
const MAX_DEPTH = 1000

/** Names come as written, with their prefix. Whatever the handler throws ends the reading. @throws Unreadable broken */
export function readXml(xml: Buffer, handler: XmlHandler): void {
  let depth = 0
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (++depth > MAX_DEPTH) throw new Unreadable('broken', 'tags nested without end')
        handler.open?.(name, attributes)
      },
      ontext: (text) => handler.text?.(text),
      onclosetag(name) {
        depth--
        handler.close?.(name)
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  const text = decodeXml(xml)
  for (let at = 0; at < text.length; at += PIECE) parser.write(text.slice(at, at + PIECE))
  parser.end()
}

function decodeXml(xml: Buffer): string {
  if (xml[0] === 0xff && xml[1] === 0xfe) return new TextDecoder('utf-16le').decode(xml)
  if (xml[0] === 0xfe && xml[1] === 0xff) return new TextDecoder('utf-16be').decode(xml)
  return new TextDecoder().decode(xml)
}

/** An attribute by its local name: writers choose prefixes freely. */
export function attribute(attributes: Attributes, local: string): string | undefined {
  for (const [name, value] of Object.entries(attributes)) if (name === local || name.endsWith(`:${local}`)) return value
  return undefined
}

export const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
