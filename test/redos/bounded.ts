/** What the sweep of regular expressions cannot find out by itself: how long a text can be, and what is put together at run time. */

type Bounded = { file: string; source: string; length: number; why: string }

/** Expressions that take more than one pass, on texts that are never longer than `length` characters, and `why` they are not. */
export const bounded: readonly Bounded[] = [
  {
    file: 'mailserver/imap/commands/list.ts',
    source: '[*%]*\\*[*%]*',
    length: 1_000,
    why: 'a pattern has at most `maxPattern` characters',
  },
  {
    file: 'kit/message/quoting.ts',
    source:
      '^-{2,}.*(original message|thu goc|tin nhan goc|thu da chuyen tiep|forwarded message|thong diep goc|message transferred).*-{2,}$',
    length: 1_000,
    why: 'a line is looked at up to `MAX_MARK` characters',
  },
  {
    file: 'kit/message/quoting.ts',
    source: '^[^:]{0,120}<[^>]+@[^>]+> ?(da viet|viet|wrote)\\s*:$',
    length: 1_000,
    why: 'a line is looked at up to `MAX_MARK` characters',
  },
  {
    file: 'kit/web/assets.ts',
    source: ",\\s*url\\([^)]*\\.woff\\) format\\('woff'\\)",
    length: 5_000,
    why: 'style sheets of packages, read at the start',
  },
  {
    file: 'kit/web/icon.ts',
    source: '<path stroke="none"[^>]*\\/>',
    length: 5_000,
    why: 'pictures of a package, read at the start',
  },
  { file: 'kit/web/icon.ts', source: '\\s*\\n\\s*', length: 5_000, why: 'pictures of a package, read at the start' },
  { file: 'portal/start.ts', source: '\\/+$', length: 1_000, why: 'a setting' },
]

/** Files that put an expression together, and why what comes from outside is no danger in it. */
export const composed: Readonly<Record<string, string>> = {
  'config/references.ts':
    'made, to see that it can be, and matched with nothing; the patterns of configuration are swept',
  'kit/act/fields.ts': 'patterns of acts, which are code; none repeats inside a repetition',
  'kit/vi/vni.ts': 'a fixed list of pairs of letters',
  'mailserver/accounts/apppassword.ts': 'a fixed count',
  'mailserver/admin/dns.ts': 'a fixed count',
  'mailserver/mime/html.ts': 'the name of one of two elements',
  'mailserver/sieve/deliver/redirect.ts': 'a fixed name of a field; one pass over the header',
  'mailserver/sieve/parse/template.ts': 'a fixed grammar of names',
  'mailserver/store/sqlite/search/needle.ts': 'words of a search are escaped, and matched as they are',
  'mailserver/store/sqlite/search/opaque.ts': 'a fixed list of names of fields',
  'portal/form/answers.ts': 'patterns and units of the province’s procedures; a number is bounded before',
  'portal/form/uploads.ts': 'one of three endings',
  'portal/lookup/routes.ts': 'a fixed name of a cookie',
  'webmail/compose/begin.ts': 'one of two prefixes, anchored',
}
