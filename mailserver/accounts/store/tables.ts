import type { DatabaseSync } from 'node:sqlite'
import { accountTable } from './accounts.ts'
import { aliasTable, domainTable } from './aliases.ts'
import { appPasswordTable } from './apppasswords.ts'
import { behalfTable } from './behalf.ts'
import { agencyTable, grantTable } from './grants.ts'
import { keepingTable } from './keeping.ts'
import { keyTable } from './keys.ts'
import { lastSignInTable, signedOutTable } from './lastsignins.ts'
import { passkeyTable } from './passkeys.ts'
import { quotaToldTable } from './quotatold.ts'
import { recordTable } from './record.ts'
import { scramTable } from './scram.ts'
import { scriptTable } from './scripts.ts'
import { halfTokenTable, secondFactorTable } from './secondfactors.ts'
import { failureTable, tokenTable } from './signins.ts'

export function openTables(db: DatabaseSync) {
  return {
    accounts: accountTable(db),
    aliases: aliasTable(db),
    domains: domainTable(db),
    grants: grantTable(db),
    behalf: behalfTable(db),
    agencies: agencyTable(db),
    tokens: tokenTable(db),
    failures: failureTable(db),
    keys: keyTable(db),
    appPasswords: appPasswordTable(db),
    scram: scramTable(db),
    secondFactors: secondFactorTable(db),
    passkeys: passkeyTable(db),
    halfTokens: halfTokenTable(db),
    lastSignIns: lastSignInTable(db),
    signedOut: signedOutTable(db),
    scripts: scriptTable(db),
    quotaTold: quotaToldTable(db),
    keeping: keepingTable(db),
    record: recordTable(db),
  }
}
export type Tables = ReturnType<typeof openTables>
