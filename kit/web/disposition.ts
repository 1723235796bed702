/** The value of Content-Disposition (RFC 6266): `filename` in ASCII for old programs, `filename*` (RFC 8187) as it is. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.normalize('NFD').replaceAll(/[^\x20-\x7e]|["\\]/g, '') || 'tep'
  const whole = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${whole}`
}
