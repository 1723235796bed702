/**
 * HTML that strangers wrote, made fit for a frame that runs nothing: cleaned here, and held by the sandbox and its own
 * policy in the browser. Pictures of the mail itself are put in as data; pictures from elsewhere tell their owner who reads
 * what when, so they are left out until asked for.
 */
import sanitize from 'sanitize-html'

/** Parsing costs time in step with length; newsletters stay below a quarter of this. */
const longestHtml = 1024 * 1024
/** Unclosed tags cost the cleaner time in the square of their number: 0.2 s for this many, a minute for 300,000. */
const mostTags = 20_000
/** All pictures of one mail together, as data in the page. */
const mostInline = 8 * 1024 * 1024

export type InlineImage = { type: string; content: Uint8Array }
export type CleanHtml = { html: string; blocked: number; cut: boolean }

const imageTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/**
 * @param images pictures of the mail by Content-ID
 * @param remote true when the reader asked for pictures from elsewhere
 */
export function cleanHtml(source: string, images: ReadonlyMap<string, InlineImage>, remote: boolean): CleanHtml {
  const bounded = boundedHtml(source)
  let blocked = 0
  let inline = 0
  const html = sanitize(bounded, {
    allowedTags: [...sanitize.defaults.allowedTags, 'img', 'style', 'font', 'center', 'u', 'del', 'ins', 'big', 'map'],
    allowedAttributes: {
      '*': ['style', 'class', 'align', 'valign', 'dir', 'lang', 'title', 'bgcolor', 'color', 'width', 'height'],
      a: ['href', 'name', 'target', 'rel'],
      img: ['src', 'alt', 'width', 'height'],
      font: ['face', 'size', 'color'],
      table: ['border', 'cellpadding', 'cellspacing', 'summary'],
      td: ['colspan', 'rowspan', 'nowrap'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start', 'type'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['data', 'http', 'https'] },
    allowProtocolRelative: false,
    allowVulnerableTags: true, // <style>: nothing runs in the frame, and its policy loads nothing
    parseStyleAttributes: false, // a style that loads something is stopped by the frame's policy
    nestingLimit: 100,
    transformTags: {
      a: (tagName, attribs) => ({
        tagName,
        attribs: { ...attribs, target: '_blank', rel: 'noopener noreferrer nofollow' },
      }),
      img: (tagName, attribs) => {
        const src = attribs['src'] ?? ''
        if (/^cid:/i.test(src)) {
          const image = images.get(safeDecode(src.slice(4)))
          if (image && imageTypes.has(image.type) && inline + image.content.length <= mostInline) {
            inline += image.content.length
            const data = Buffer.from(image.content).toString('base64')
            return { tagName, attribs: { ...attribs, src: `data:${image.type};base64,${data}` } }
          }
        } else if (/^data:image\/(png|jpeg|gif|webp);base64,/i.test(src)) return { tagName, attribs }
        else if (/^https?:/i.test(src)) {
          if (remote) return { tagName, attribs }
          blocked++
        }
        const { src: _left, ...rest } = attribs
        return { tagName, attribs: { ...rest, alt: attribs['alt'] || 'ảnh không hiện' } }
      },
    },
  })
  return { html, blocked, cut: bounded.length < source.length }
}

const lines = ['p', 'div', 'tr', 'li', 'h1', 'h2', 'h3', 'h4', 'blockquote', 'pre', 'br']

/** The words of an HTML text for quoting: blocks become lines, the rest of the tags goes. */
export function htmlToText(source: string): string {
  const marked = sanitize(boundedHtml(source), { allowedTags: lines, allowedAttributes: {}, nestingLimit: 100 })
  return marked
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?<(?:br ?\/?|\/[a-z0-9]{1,10})> ?/g, '\n')
    .replaceAll(/<[a-z0-9]{1,10}>/g, '')
    .replaceAll(/&(amp|lt|gt|quot);/g, (_, name: string) => entities[name]!)
    .replaceAll('\u00a0', ' ')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function boundedHtml(source: string): string {
  let at = -1
  for (let tags = 0; tags <= mostTags; tags++) {
    at = source.indexOf('<', at + 1)
    if (at < 0) break
  }
  return source.slice(0, Math.min(longestHtml, at < 0 ? source.length : at))
}

/** The policy of the frame: nothing runs, nothing loads but what is said here. */
export function framePolicy(remote: boolean): string {
  return [
    'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data:${remote ? ' https: http:' : ''}`,
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

export function framePage(html: string): string {
  return `<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><style>
html{color-scheme:light}body{margin:0;padding:12px 4px;font:16px/1.6 'Be Vietnam Pro',system-ui,sans-serif;color:#17202f;background:#fff;overflow-wrap:anywhere}
img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin:0 0 0 4px;padding-left:12px;border-left:2px solid #c9ccd3}
</style></head><body>${html}</body></html>`
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
