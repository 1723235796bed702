/** Writes the full-text index of the store in argv[2], and is killed before the commit as a power cut would. */
import { join } from 'node:path'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { writeIndex } from '#mailserver/store/sqlite/indexing.ts'
import { newTx } from '#mailserver/store/sqlite/tx.ts'

const dir = process.argv[2]!
const sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
sql.run('begin immediate')
if (!writeIndex(newTx(sql, dir))) throw new Error('nothing waited')
process.kill(process.pid, 'SIGKILL')
