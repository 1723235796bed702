/** Brings the store in argv[2] to its last form by argv[3] idle steps, and is killed in the next one as a power cut would. */
import { join } from 'node:path'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { listFields, moveOctets, narrowMessages } from '#mailserver/store/sqlite/earlier.ts'
import { idleStep } from '#mailserver/store/sqlite/idle.ts'
import { fillListings } from '#mailserver/store/sqlite/listings.ts'
import { steps } from '#mailserver/store/sqlite/schema.ts'
import { newTx } from '#mailserver/store/sqlite/tx.ts'

const [, , dir, committed] = process.argv as [string, string, string, string]
const sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
migrate(sql.db, steps)
for (let i = 0; i < Number(committed); i++) idleStep(sql, dir)
sql.run('begin immediate')
const tx = newTx(sql, dir)
if (!fillListings(tx) && !narrowMessages(tx) && !moveOctets(tx) && !listFields(tx))
  throw new Error('there was nothing left to do')
process.kill(process.pid, 'SIGKILL')
