/**
 * The acts there are: every `.ts` file below a folder whose default export is an `Act`, and the `family` that each
 * sub-folder's `case.ts` exports. The file's place names the kind: `acts/dossier/forward.ts` is `dossier.forward`.
 * Adding a file adds the act; a file that is wrong stops the start with a sentence that names it.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Act, Turn } from '#kit/act/act.ts'
import type { Family } from '#kit/act/family.ts'
import type { Address } from '#kit/directory/calls.ts'
import { fold } from '#kit/vi/fold.ts'

/** Kinds of data differ by act; whoever looks an act up by kind has checked the data by its `read` or `fields`. */
// biome-ignore lint/suspicious/noExplicitAny: Act is contravariant in its data; `unknown` would refuse every real act
export type AnyAct = Act<any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above, for the state
export type AnyFamily = Family<any>

export type Registry = {
  acts: ReadonlyMap<string, AnyAct>
  families: ReadonlyMap<string, AnyFamily>
  /** SHA-256 over every file of acts: what was computed by other acts must be computed again */
  fingerprint: string
  /** the family of a kind; throws when there is none, since then no state can be kept */
  familyOf(kind: string): AnyFamily
  /** every turn there is in this state, over all acts of the family, in the order of the kinds */
  turns(family: string, state: unknown): readonly Turn[]
  /** acts that one of these parties may do now, in the order of the kinds */
  offers(family: string, state: unknown, parties: readonly Address[]): readonly { act: AnyAct; turn: Turn }[]
}

/** @throws Error naming the file and what is wrong in it */
export async function loadActs(dir: string): Promise<Registry> {
  const acts = new Map<string, AnyAct>()
  const families = new Map<string, AnyFamily>()
  const fingerprint = createHash('sha256')
  for (const folder of readdirSync(dir, { withFileTypes: true })
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort())
    for (const name of readdirSync(join(dir, folder)).sort()) {
      if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue
      const file = join(resolve(dir), folder, name)
      fingerprint.update(`${folder}/${name}\n`).update(readFileSync(file))
      const module = (await import(pathToFileURL(file).href)) as { default?: unknown; family?: AnyFamily }
      if (module.family) families.set(folder, checkFamily(file, folder, module.family))
      if (module.default === undefined) continue // words, types and checks that the acts share
      const act = checkAct(file, `${folder}.${basename(name, '.ts')}`, module.default)
      acts.set(act.kind, act)
    }
  for (const act of acts.values())
    if (!families.has(familyName(act.kind)))
      throw new Error(`${dir}/${familyName(act.kind)}: no case.ts exports the family of ${act.kind}`)
  checkWords(acts)
  return {
    acts,
    families,
    fingerprint: fingerprint.digest('hex'),
    familyOf(kind) {
      const family = families.get(familyName(kind))
      if (!family) throw new Error(`no family of acts knows the kind ${kind}`)
      return family
    },
    turns: (family, state) => of(acts, family).flatMap((act) => act.turns(state)),
    offers: (family, state, parties) =>
      of(acts, family).flatMap((act) =>
        act
          .turns(state)
          .filter((turn) => parties.includes(turn.party))
          .slice(0, 1)
          .map((turn) => ({ act, turn })),
      ),
  }
}

export function familyName(kind: string): string {
  return kind.slice(0, kind.indexOf('.'))
}

function of(acts: ReadonlyMap<string, AnyAct>, family: string): AnyAct[] {
  return [...acts.values()].filter((act) => familyName(act.kind) === family)
}

const fieldKinds = ['text', 'number', 'date', 'choice', 'party', 'files']

function checkAct(file: string, kind: string, value: unknown): AnyAct {
  const wrong = (what: string): never => {
    throw new Error(`${file}: ${what}`)
  }
  if (typeof value !== 'object' || value === null) wrong('the default export is not an act')
  const act = value as AnyAct
  if (act.kind !== kind) wrong(`its kind is "${act.kind}"; its place in the folder says "${kind}"`)
  if (!/^[a-z]+\.[a-z]+$/.test(kind)) wrong('the name of the file must be lower-case letters')
  if (!Number.isInteger(act.v) || act.v < 1) wrong('v must be a whole number from 1')
  for (const key of ['title', 'verb', 'icon'] as const)
    if (typeof act[key] !== 'string' || act[key] === '') wrong(`${key} must be a text`)
  if (!['party', 'portal', 'timer'].includes(act.by)) wrong('by must be party, portal or timer')
  if (!['refuse', 'allow'].includes(act.stale)) wrong('stale must be refuse or allow')
  for (const key of ['turns', 'decide', 'apply', 'say', 'tell'] as const)
    if (typeof act[key] !== 'function') wrong(`${key} must be a function`)
  if (act.read !== undefined && typeof act.read !== 'function') wrong('read must be a function')
  if (!Array.isArray(act.fields)) wrong('fields must be a list')
  const names = new Set<string>()
  for (const field of act.fields) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(field.name)) wrong(`field "${field.name}" must be named in letters and digits`)
    if (names.has(field.name)) wrong(`field "${field.name}" appears twice`)
    if (!fieldKinds.includes(field.kind)) wrong(`field "${field.name}" has the unknown kind "${field.kind}"`)
    if (!field.label) wrong(`field "${field.name}" has no label`)
    names.add(field.name)
  }
  if (act.fields.filter((f) => f.kind === 'files').length > 1) wrong('an act has at most one field of files')
  for (const take of act.reply?.takes ?? [])
    if (!names.has(take.field)) wrong(`the reply takes "${take.field}", which is no field`)
  if (act.reply && act.by !== 'party') wrong('only acts of parties can be asked for by reply')
  return act
}

function checkFamily(file: string, folder: string, family: AnyFamily): AnyFamily {
  if (family.name !== folder) throw new Error(`${file}: family is named "${family.name}", its folder "${folder}"`)
  for (const key of ['summary', 'arrivals', 'outgoing', 'numbers', 'search', 'publicPart', 'timed'] as const)
    if (typeof family[key] !== 'function') throw new Error(`${file}: family.${key} must be a function`)
  return family
}

/** Within a family every reply word asks for one act only. */
function checkWords(acts: ReadonlyMap<string, AnyAct>): void {
  const taken = new Map<string, string>()
  for (const act of acts.values())
    for (const word of act.reply ? [act.reply.word, ...(act.reply.also ?? [])] : []) {
      const key = `${familyName(act.kind)} ${fold(word)}`
      const other = taken.get(key)
      if (other) throw new Error(`${act.kind}: the reply word "${word}" already asks for ${other}`)
      taken.set(key, act.kind)
    }
}
