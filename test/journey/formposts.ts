/** A citizen whose browser runs no scripts and whose line breaks: the portal's forms by plain HTTP, tried again until they go through. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileField } from '#portal/form/uploads.ts'
import { until } from '#test/until.ts'
import { application, documents, type Lodged } from './applicant.ts'

const types: Record<string, string> = { pdf: 'application/pdf', jpg: 'image/jpeg', png: 'image/png' }

/** Lodges one application; every request is repeated, as people do, while the portal is away. */
export async function lodgeByPosts(portal: string, values = application): Promise<Lodged> {
  const begun = await post(portal, '/thu-tuc/1.009374/soan', new URLSearchParams())
  const draft = /\/soan\/[0-9A-Z]{26}/.exec(begun.url)![0]
  for (const step of ['co-quan', 'nguoi-chiu-trach-nhiem', 'ban-tin'])
    await post(portal, `${draft}/${step}`, new URLSearchParams(values))
  const files = new FormData()
  for (const [document, path] of Object.entries(documents)) {
    const type = types[path.split('.').at(-1)!] ?? 'application/octet-stream'
    if (document !== 'soYeuLyLich')
      files.append(fileField(document), new File([readFileSync(path)], basename(path), { type }))
  }
  await post(portal, `${draft}/giay-to`, files)
  await post(portal, `${draft}/nop`, new URLSearchParams({ camKet: 'yes' }))
  return until('the page that says lodged', async () => {
    const answer = await fetch(`${portal}${draft}/xong`).catch(() => undefined)
    const page = (await answer?.text()) ?? ''
    const reference = /data-reference>([^<]+)</.exec(page)?.[1]?.trim()
    const secret = /data-secret>([^<]+)</.exec(page)?.[1]?.trim()
    return reference && secret ? { reference, secret } : undefined
  })
}

async function post(portal: string, path: string, body: URLSearchParams | FormData): Promise<Response> {
  return until(`an answer to ${path}`, async () => {
    try {
      const answer = await fetch(`${portal}${path}`, { method: 'POST', body })
      if (answer.status >= 500) return undefined
      if (answer.status >= 400)
        throw new TypeError(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`)
      return answer
    } catch (err) {
      if ((err as { cause?: unknown }).cause !== undefined) return undefined // the connection broke
      throw err
    }
  })
}
