/** Every command that this server knows. Adding one is a file and a line here. */
import { deleteAcl, getAcl, listRights, myRights, setAcl } from './acl.ts'
import { append } from './append.ts'
import { authenticate } from './authenticate.ts'
import { cancelUpdate } from './cancelupdate.ts'
import { capability } from './capability.ts'
import { close, unselect } from './close.ts'
import type { AnyCommand } from './command.ts'
import { compress } from './compress.ts'
import { copy, move, uidCopy, uidMove } from './copy.ts'
import { create } from './create.ts'
import { del } from './delete.ts'
import { enable } from './enable.ts'
import { esearch } from './esearch.ts'
import { expunge, uidExpunge } from './expunge.ts'
import { fetch, uidFetch } from './fetch.ts'
import { id } from './id.ts'
import { idle } from './idle.ts'
import { list, lsub } from './list.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { getMetadata, setMetadata } from './metadata.ts'
import { namespace } from './namespace.ts'
import { check, noop } from './noop.ts'
import { notify } from './notify.ts'
import { getQuota, getQuotaRoot, setQuota } from './quota.ts'
import { rename } from './rename.ts'
import { replace, uidReplace } from './replace.ts'
import { search, uidSearch } from './search.ts'
import { examine, select } from './select.ts'
import { sort, uidSort } from './sort.ts'
import { starttls } from './starttls.ts'
import { status } from './status.ts'
import { store, uidStore } from './store.ts'
import { subscribe, unsubscribe } from './subscribe.ts'
import { thread, uidThread } from './thread.ts'

const all = [
  ...[capability, noop, logout, id],
  ...[starttls, authenticate, login],
  ...[
    enable,
    select,
    examine,
    create,
    del,
    rename,
    subscribe,
    unsubscribe,
    list,
    lsub,
    namespace,
    status,
    append,
    compress,
    notify,
    esearch,
    idle,
  ],
  ...[getAcl, setAcl, deleteAcl, listRights, myRights],
  ...[getMetadata, setMetadata, getQuota, getQuotaRoot, setQuota],
  ...[
    check,
    close,
    unselect,
    expunge,
    uidExpunge,
    search,
    uidSearch,
    sort,
    uidSort,
    thread,
    uidThread,
    cancelUpdate,
    fetch,
    uidFetch,
    store,
    uidStore,
    copy,
    uidCopy,
    move,
    uidMove,
    replace,
    uidReplace,
  ],
]

/** By name in capitals, "UID FETCH" as one. */
export const commands: ReadonlyMap<string, AnyCommand> = new Map(all.map((each) => [each.name, each]))
