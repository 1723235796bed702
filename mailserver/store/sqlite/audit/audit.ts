import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '#kit/store/open.ts'
import { auditAcl } from './acl.ts'
import { auditCounters } from './counters.ts'
import { auditFileTexts } from './filetexts.ts'
import { auditIndex } from './index.ts'
import { auditLedgers } from './ledgers.ts'
import { auditListings } from './listings.ts'
import { auditMetadata } from './metadata.ts'
import { auditFiles, auditOctets } from './octets.ts'

/**
 * A recount of a cell, written apart from the code that keeps it: it shares the schema and nothing else. Everything is
 * read in one transaction, so that it may run while mail is being delivered.
 *
 * @returns one English sentence for each fault; none when all is well
 */
export function auditCell(dir: string): string[] {
  const db = openDatabase(`${dir}/cell.sqlite`, { readOnly: true })
  try {
    const missing = new Set<string>()
    db.exec('begin')
    const faults = [
      ...auditPages(db),
      ...auditCounters(db),
      ...auditOctets(db, dir, missing),
      ...auditLedgers(db),
      ...auditAcl(db),
      ...auditMetadata(db),
      ...auditIndex(db),
      ...auditListings(db),
      ...auditFileTexts(db),
    ]
    db.exec('commit')
    return [...faults, ...auditFiles(db, dir, missing)]
  } finally {
    db.close()
  }
}

function auditPages(db: DatabaseSync): string[] {
  return db
    .prepare('pragma quick_check')
    .all()
    .map((r) => String(Object.values(r)[0]))
    .filter((said) => said !== 'ok')
    .map((said) => `SQLite says: ${said}`)
}
