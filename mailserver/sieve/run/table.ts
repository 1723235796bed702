/** Every test and action there is; one file each, or a family that is one thing. */
import type { ActionDefinition, TestDefinition } from '../check/definition.ts'
import { breakLoop } from './actions/break.ts'
import { discard } from './actions/discard.ts'
import { addheader, deleteheader } from './actions/editheader.ts'
import { extracttext } from './actions/extracttext.ts'
import { fileinto } from './actions/fileinto.ts'
import { addflag, removeflag, setflag } from './actions/flags.ts'
import { global, include, leave } from './actions/include.ts'
import { keep } from './actions/keep.ts'
import { notify } from './actions/notify.ts'
import { redirect } from './actions/redirect.ts'
import { ereject, reject } from './actions/reject.ts'
import { set } from './actions/set.ts'
import { stop } from './actions/stop.ts'
import { vacation } from './actions/vacation.ts'
import { address } from './tests/address.ts'
import { body } from './tests/body.ts'
import { currentdate, date } from './tests/date.ts'
import { duplicate } from './tests/duplicate.ts'
import { envelope } from './tests/envelope.ts'
import { environment } from './tests/environment.ts'
import { exists } from './tests/exists.ts'
import { hasflag } from './tests/hasflag.ts'
import { header } from './tests/header.ts'
import { ihave } from './tests/ihave.ts'
import { allof, anyof, no, not, yes } from './tests/logic.ts'
import { mailboxexists, mailboxidexists, specialuseExists } from './tests/mailbox.ts'
import { metadata, metadataexists, servermetadata, servermetadataexists } from './tests/metadata.ts'
import { notifyMethodCapability, validNotifyMethod } from './tests/notify.ts'
import { size } from './tests/size.ts'
import { string } from './tests/string.ts'

const named = <T extends { name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((d) => [d.name, d]))

export const tests: ReadonlyMap<string, TestDefinition> = named([
  address,
  allof,
  anyof,
  body,
  currentdate,
  date,
  duplicate,
  envelope,
  environment,
  exists,
  hasflag,
  header,
  ihave,
  mailboxexists,
  mailboxidexists,
  metadata,
  metadataexists,
  no,
  not,
  notifyMethodCapability,
  servermetadata,
  servermetadataexists,
  size,
  specialuseExists,
  string,
  validNotifyMethod,
  yes,
])
export const actions: ReadonlyMap<string, ActionDefinition> = named([
  addflag,
  addheader,
  breakLoop,
  deleteheader,
  discard,
  ereject,
  extracttext,
  fileinto,
  global,
  include,
  keep,
  leave,
  notify,
  redirect,
  reject,
  removeflag,
  set,
  setflag,
  stop,
  vacation,
])
