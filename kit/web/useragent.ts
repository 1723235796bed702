/** What a browser calls itself, in words: "Firefox 128 trên Windows". */
import Bowser from 'bowser'

/** browsers of the country that the package takes for the one that they are made of */
const local = /\bcoc_coc_browser\/(\d+)/i
/** no longer than what is kept of it (kit/web/signin) */
const most = 300

/** @returns undefined for what is no browser: a mail program has a name that people can read */
export function browserName(userAgent: string): string | undefined {
  const text = userAgent.slice(0, most)
  if (!/^Mozilla\//.test(text)) return undefined
  const parsed = Bowser.getParser(text)
  const { name, version } = parsed.getBrowser()
  if (!name || name === 'Mozilla') return undefined
  const cocCoc = local.exec(text)
  const browser = cocCoc ? `Cốc Cốc ${cocCoc[1]}` : [name, version?.split('.', 1)[0]].filter(Boolean).join(' ')
  const os = parsed.getOS()
  // Windows 11 calls itself 10, and a version of Android or iOS tells an administrator nothing
  const old = os.name === 'Windows' && os.versionName && os.versionName !== '10' ? ` ${os.versionName}` : ''
  return os.name ? `${browser} trên ${os.name}${old}` : browser
}
