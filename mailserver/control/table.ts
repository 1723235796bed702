/** Every call there is and its handler; the compiler refuses a gap. */
import type { CallName } from '#kit/directory/calls.ts'
import type { Call } from './call.ts'
import accountAdd from './calls/account.add.ts'
import accountDisable from './calls/account.disable.ts'
import accountList from './calls/account.list.ts'
import accountSet from './calls/account.set.ts'
import accountSignIns from './calls/account.signIns.ts'
import accountSignOut from './calls/account.signOut.ts'
import aliasAdd from './calls/alias.add.ts'
import aliasList from './calls/alias.list.ts'
import aliasRemove from './calls/alias.remove.ts'
import appPasswordAdd from './calls/appPassword.add.ts'
import appPasswordList from './calls/appPassword.list.ts'
import appPasswordRevoke from './calls/appPassword.revoke.ts'
import authPasskey from './calls/auth.passkey.ts'
import authPasskeyAsk from './calls/auth.passkeyAsk.ts'
import authSecondAsk from './calls/auth.secondAsk.ts'
import authSecondStep from './calls/auth.secondStep.ts'
import authServiceToken from './calls/auth.serviceToken.ts'
import authSignIn from './calls/auth.signIn.ts'
import authSignOut from './calls/auth.signOut.ts'
import authWhoami from './calls/auth.whoami.ts'
import backupNote from './calls/backup.note.ts'
import behalfAdd from './calls/behalf.add.ts'
import behalfEnd from './calls/behalf.end.ts'
import behalfList from './calls/behalf.list.ts'
import deletedList from './calls/deleted.list.ts'
import deletedPurge from './calls/deleted.purge.ts'
import deletedRestore from './calls/deleted.restore.ts'
import directoryAgencies from './calls/directory.agencies.ts'
import directoryAgency from './calls/directory.agency.ts'
import directoryGrants from './calls/directory.grants.ts'
import directoryHolds from './calls/directory.holds.ts'
import directoryLookup from './calls/directory.lookup.ts'
import directorySearch from './calls/directory.search.ts'
import domainAdd from './calls/domain.add.ts'
import domainList from './calls/domain.list.ts'
import expiryGet from './calls/expiry.get.ts'
import expiryRun from './calls/expiry.run.ts'
import expirySet from './calls/expiry.set.ts'
import filterActivate from './calls/filter.activate.ts'
import filterGet from './calls/filter.get.ts'
import filterPut from './calls/filter.put.ts'
import grantAdd from './calls/grant.add.ts'
import grantEnd from './calls/grant.end.ts'
import groupAdd from './calls/group.add.ts'
import handover from './calls/handover.ts'
import keysList from './calls/keys.list.ts'
import ledgerCommit from './calls/ledger.commit.ts'
import ledgerDeadLetter from './calls/ledger.deadLetter.ts'
import ledgerHead from './calls/ledger.head.ts'
import ledgerOutcome from './calls/ledger.outcome.ts'
import ledgerRead from './calls/ledger.read.ts'
import mailCopy from './calls/mail.copy.ts'
import mailExport from './calls/mail.export.ts'
import mailExpunge from './calls/mail.expunge.ts'
import mailFind from './calls/mail.find.ts'
import mailFlag from './calls/mail.flag.ts'
import mailImport from './calls/mail.import.ts'
import mailImported from './calls/mail.imported.ts'
import mailMove from './calls/mail.move.ts'
import mailRead from './calls/mail.read.ts'
import mailSearch from './calls/mail.search.ts'
import mailboxCreate from './calls/mailbox.create.ts'
import mailboxList from './calls/mailbox.list.ts'
import mailboxRemove from './calls/mailbox.remove.ts'
import mailboxRename from './calls/mailbox.rename.ts'
import metadataList from './calls/metadata.list.ts'
import metadataSet from './calls/metadata.set.ts'
import passkeyAdd from './calls/passkey.add.ts'
import passkeyBegin from './calls/passkey.begin.ts'
import passkeyList from './calls/passkey.list.ts'
import passkeyRemove from './calls/passkey.remove.ts'
import provision from './calls/provision.ts'
import queueDrop from './calls/queue.drop.ts'
import queueHold from './calls/queue.hold.ts'
import queueList from './calls/queue.list.ts'
import queueRetry from './calls/queue.retry.ts'
import rcptCheck from './calls/rcpt.check.ts'
import recordList from './calls/record.list.ts'
import scriptActivate from './calls/script.activate.ts'
import scriptGet from './calls/script.get.ts'
import scriptList from './calls/script.list.ts'
import scriptPut from './calls/script.put.ts'
import scriptRemove from './calls/script.remove.ts'
import secondFactorBegin from './calls/secondFactor.begin.ts'
import secondFactorByKey from './calls/secondFactor.byKey.ts'
import secondFactorConfirm from './calls/secondFactor.confirm.ts'
import secondFactorEnd from './calls/secondFactor.end.ts'
import secondFactorState from './calls/secondFactor.state.ts'
import sessionsEnd from './calls/sessions.end.ts'
import sessionsList from './calls/sessions.list.ts'
import shareList from './calls/share.list.ts'
import shareSet from './calls/share.set.ts'
import storeVerify from './calls/store.verify.ts'
import tlsImport from './calls/tls.import.ts'
import tlsRenew from './calls/tls.renew.ts'
import tlsStatus from './calls/tls.status.ts'
import usage from './calls/usage.ts'

export const table = {
  'account.add': accountAdd,
  'account.disable': accountDisable,
  'account.list': accountList,
  'account.set': accountSet,
  'account.signIns': accountSignIns,
  'account.signOut': accountSignOut,
  'alias.add': aliasAdd,
  'alias.list': aliasList,
  'alias.remove': aliasRemove,
  'appPassword.add': appPasswordAdd,
  'appPassword.list': appPasswordList,
  'appPassword.revoke': appPasswordRevoke,
  'auth.passkey': authPasskey,
  'auth.passkeyAsk': authPasskeyAsk,
  'auth.secondAsk': authSecondAsk,
  'auth.secondStep': authSecondStep,
  'auth.serviceToken': authServiceToken,
  'auth.signIn': authSignIn,
  'auth.signOut': authSignOut,
  'auth.whoami': authWhoami,
  'backup.note': backupNote,
  'behalf.add': behalfAdd,
  'behalf.end': behalfEnd,
  'behalf.list': behalfList,
  'deleted.list': deletedList,
  'deleted.purge': deletedPurge,
  'deleted.restore': deletedRestore,
  'directory.agencies': directoryAgencies,
  'directory.agency': directoryAgency,
  'directory.grants': directoryGrants,
  'directory.holds': directoryHolds,
  'directory.lookup': directoryLookup,
  'directory.search': directorySearch,
  'domain.add': domainAdd,
  'domain.list': domainList,
  'expiry.get': expiryGet,
  'expiry.run': expiryRun,
  'expiry.set': expirySet,
  'filter.activate': filterActivate,
  'filter.get': filterGet,
  'filter.put': filterPut,
  'grant.add': grantAdd,
  'grant.end': grantEnd,
  'group.add': groupAdd,
  handover: handover,
  'keys.list': keysList,
  'ledger.commit': ledgerCommit,
  'ledger.deadLetter': ledgerDeadLetter,
  'ledger.head': ledgerHead,
  'ledger.outcome': ledgerOutcome,
  'ledger.read': ledgerRead,
  'mailbox.create': mailboxCreate,
  'mailbox.list': mailboxList,
  'mailbox.remove': mailboxRemove,
  'mailbox.rename': mailboxRename,
  'mail.copy': mailCopy,
  'mail.export': mailExport,
  'mail.expunge': mailExpunge,
  'mail.flag': mailFlag,
  'mail.find': mailFind,
  'mail.import': mailImport,
  'mail.imported': mailImported,
  'mail.move': mailMove,
  'mail.read': mailRead,
  'mail.search': mailSearch,
  'metadata.list': metadataList,
  'metadata.set': metadataSet,
  'passkey.add': passkeyAdd,
  'passkey.begin': passkeyBegin,
  'passkey.list': passkeyList,
  'passkey.remove': passkeyRemove,
  provision: provision,
  'queue.drop': queueDrop,
  'queue.hold': queueHold,
  'queue.list': queueList,
  'queue.retry': queueRetry,
  'rcpt.check': rcptCheck,
  'record.list': recordList,
  'script.list': scriptList,
  'script.get': scriptGet,
  'script.put': scriptPut,
  'script.activate': scriptActivate,
  'script.remove': scriptRemove,
  'secondFactor.begin': secondFactorBegin,
  'secondFactor.byKey': secondFactorByKey,
  'secondFactor.confirm': secondFactorConfirm,
  'secondFactor.end': secondFactorEnd,
  'secondFactor.state': secondFactorState,
  'sessions.end': sessionsEnd,
  'sessions.list': sessionsList,
  'share.list': shareList,
  'share.set': shareSet,
  'store.verify': storeVerify,
  'tls.import': tlsImport,
  'tls.renew': tlsRenew,
  'tls.status': tlsStatus,
  usage: usage,
} satisfies { [N in CallName]: Call<N> }
