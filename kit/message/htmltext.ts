import sanitizeHtml from 'sanitize-html'

/** HTML of a reply is a few kilobytes above a quotation; what lies beyond this is quotation. */
const MAX_HTML = 1024 * 1024
/** What `quoting.ts` takes as the head of a quotation that goes on to the end. */
const MARK = '-----Original Message-----'

/**
 * The text that a person sees in the HTML of a reply, one line for each block, without the quotation: quotes in
 * `blockquote` and in the containers of Gmail, Yahoo, Apple and Thunderbird are left out; where Outlook only
 * marks the beginning, the mark is kept as a line.
 */
export function textOfReply(html: string): string {
  const marked = sanitizeHtml(html.slice(0, MAX_HTML), {
    allowedTags: [...blocks, 'br'],
    allowedAttributes: {},
    nestingLimit: 100,
    nonTextTags: ['style', 'script', 'textarea', 'option', 'noscript', 'title', 'head', 'select'],
    transformTags: {
      '*': (tagName, attribs) => ({ tagName: outlookMark(tagName, attribs) ? 'hr' : tagName, attribs }),
    },
    exclusiveFilter: (frame) => frame.tag === 'blockquote' || quoted(frame.attribs) || hidden(frame.attribs),
  })
  return decodedEntities(
    marked
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/<hr ?\/?>(<\/hr>)?/g, `\n${MARK}\n`)
      .replaceAll(/<br ?\/?>/g, '\n')
      .replaceAll(/<\/?[a-z][a-z0-9]*>/g, '\n'),
  )
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
}

const blocks = [
  'p',
  'div',
  'blockquote',
  'ul',
  'ol',
  'li',
  'table',
  'tr',
  'td',
  'th',
  'h1',
  'h2',
  'h3',
  'h4',
  'pre',
  'hr',
  'section',
  'article',
  'center',
]

/** Containers that hold the whole quotation. */
function quoted(a: Readonly<Record<string, string>>): boolean {
  const classes = ` ${a['class'] ?? ''} `
  return (
    / (gmail_quote|gmail_quote_container|gmail_attr|yahoo_quoted|moz-cite-prefix|moz-signature|protonmail_quote|zmail_extra|gmail_signature|elided-text) /.test(
      classes,
    ) ||
    a['type'] === 'cite' ||
    /^(ms-outlook-mobile-signature|Signature|AppleMailSignature|yahoo_quoted_\w+)$/.test(a['id'] ?? '')
  )
}

function hidden(a: Readonly<Record<string, string>>): boolean {
  return (
    /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px|pt|em)?\s*(;|$)/i.test(a['style'] ?? '') ||
    a['hidden'] !== undefined
  )
}

/** Outlook quotes without a container: after an element with one of these ids, or a block with a line above it. */
function outlookMark(tag: string, a: Readonly<Record<string, string>>): boolean {
  if (tag === 'hr') return true
  if (
    /^(appendonsend|divRplyFwdMsg|mail-editor-reference-message-container|x_divRplyFwdMsg|stopSpelling)$/.test(
      a['id'] ?? '',
    )
  )
    return true
  return (
    tag === 'div' && /border\s*:\s*none/i.test(a['style'] ?? '') && /border-top\s*:\s*solid/i.test(a['style'] ?? '')
  )
}

function decodedEntities(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&')
}
