/** A signed-in official's browser without its screen: pages and forms over HTTP, with the session's cookie. */
import { password } from '#test/journey/staff.ts'

export class DeskClient {
  readonly #desk: string
  readonly #cookie: string

  private constructor(desk: string, cookie: string) {
    this.#desk = desk
    this.#cookie = cookie
  }

  static async signIn(desk: string, address: string, secret = password): Promise<DeskClient> {
    const answer = await fetch(`${desk}/dang-nhap`, {
      method: 'POST',
      headers: { origin: desk, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ address, password: secret }),
      redirect: 'manual',
    })
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (answer.status !== 303 || !cookie) throw new Error(`sign-in of ${address} answered ${answer.status}`)
    return new DeskClient(desk, cookie)
  }

  /** @throws Error when the page does not answer 200 */
  async page(path: string): Promise<string> {
    const answer = await fetch(this.#desk + path, { headers: { cookie: this.#cookie } })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
    return text
  }

  /** Sends a form. @returns where it leads @throws Error when it was not taken */
  async post(path: string, values: Readonly<Record<string, string>>): Promise<string> {
    const body = new FormData()
    for (const [name, value] of Object.entries(values)) body.append(name, value)
    const answer = await fetch(this.#desk + path, {
      method: 'POST',
      headers: { cookie: this.#cookie, origin: this.#desk, 'sec-fetch-site': 'same-origin' },
      body,
      redirect: 'manual',
    })
    const text = await answer.text()
    const to = answer.headers.get('location')
    if (answer.status !== 303 || !to)
      throw new Error(`${path} answered ${answer.status}: ${text.replace(/\s+/g, ' ').slice(0, 2000)}`)
    return to
  }
}
