import { readFileSync } from 'node:fs'
import type { TestPortal } from './portal.ts'
import { fixture, papers, rightAnswers } from './portal.ts'

export type Page = { status: number; url: string; text: string; headers: Headers }

/** A browser without scripts: follows redirects, keeps cookies. */
export class PlainBrowser {
  readonly #portal: TestPortal
  readonly #cookies = new Map<string, string>()
  constructor(portal: TestPortal) {
    this.#portal = portal
  }

  async open(path: string, init: RequestInit = {}): Promise<Page> {
    const url = new URL(path, this.#portal.url)
    const cookie = [...this.#cookies].map(([k, v]) => `${k}=${v}`).join('; ')
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
    })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
      if (value === '') this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    const to = answer.headers.get('location')
    if (answer.status >= 300 && answer.status < 400 && to) {
      await answer.arrayBuffer()
      return this.open(new URL(to, url).pathname + new URL(to, url).search)
    }
    return { status: answer.status, url: url.pathname + url.search, text: await answer.text(), headers: answer.headers }
  }
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    return this.open(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }
  upload(
    path: string,
    files: readonly (readonly [field: string, name: string, content: Uint8Array])[],
    more: Record<string, string> = {},
  ): Promise<Page> {
    const body = new FormData()
    for (const [name, value] of Object.entries(more)) body.append(name, value)
    for (const [field, name, content] of files) body.append(field, new Blob([content as BlobPart]), name)
    return this.open(path, { method: 'POST', body })
  }

  /** Begins an application; @returns the address of the draft, /soan/<token> */
  async begin(code = '1.009374'): Promise<string> {
    const page = await this.post(`/thu-tuc/${code}/soan`, {})
    return page.url.slice(0, page.url.lastIndexOf('/'))
  }
  /** Fills everything right up to the review. */
  async fill(draft: string): Promise<Page> {
    for (const [step, answers] of Object.entries(rightAnswers)) await this.post(`${draft}/${step}`, answers)
    return this.upload(
      `${draft}/giay-to`,
      Object.entries(papers).map(([id, name]) => [`tep-${id}`, name, readFileSync(fixture(name))] as const),
    )
  }
  lodge(draft: string): Promise<Page> {
    return this.post(`${draft}/nop`, { camKet: 'yes' })
  }
}

export const reference = (page: Page): string => /data-reference>([^<]+)</.exec(page.text)![1]!
export const secret = (page: Page): string => /data-secret>([^<]+)</.exec(page.text)![1]!
/** Mistakes as the page shows them next to their fields: field → sentence. */
export function mistakes(page: Page): Record<string, string> {
  const found = page.text.matchAll(/id="f-([\w-]+)-e">.*?<span>(.*?)<\/span>/gs)
  return Object.fromEntries([...found].map((m) => [m[1]!, m[2]!.replaceAll('&#34;', '"').replaceAll('&amp;', '&')]))
}
