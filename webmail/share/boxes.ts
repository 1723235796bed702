/** Whose lists and rules a page is about: the person's own, or those of an office that the person manages (`?cua=`). */
import type { Request } from 'express'
import type { Directory } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Session } from '#kit/web/session.ts'
import { nameOf } from '#webmail/folders.ts'

export type Box = { owner: string; name: string; office: boolean }
export type Boxes = { box: Box; boxes: readonly Box[] }

/**
 * By `cua` (whose) of the address or of the form. Asked at every request: the right may have ended since the page was opened.
 *
 * @throws Refusal 403 for an office that the person does not manage
 */
export async function boxesOf(directory: Directory, session: Session, req: Request): Promise<Boxes> {
  const { person } = session
  const { grants } = await directory['directory.grants']({ person: person.address })
  const managed = [...new Set(grants.filter((g) => g.rights.includes('manage')).map((g) => g.office))]
  const own: Box = { owner: person.address, name: 'Hộp thư của tôi', office: false }
  const offices = managed.map(async (owner) => ({ owner, name: await nameOf(directory, owner), office: true }))
  const boxes = [own, ...(await Promise.all(offices))]
  const body = (req.body ?? {}) as Record<string, unknown>
  const asked = body['cua'] ?? req.query['cua'] ?? person.address
  const box = boxes.find((each) => each.owner === asked)
  if (!box)
    throw new Refusal(
      403,
      'Hộp thư này do người khác quản lý. Người quản trị hệ thống cấp quyền quản lý.',
      `${person.address} does not manage ${String(asked).slice(0, 200)}`,
    )
  return { box, boxes }
}

/** The page about the same mailbox, with what is said on it. */
export function boxHref(path: string, box: Box, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(box.office && { cua: box.owner }), ...more }).toString()
  return query === '' ? path : `${path}?${query}`
}
