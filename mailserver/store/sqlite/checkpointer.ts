import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '#kit/store/open.ts'

/** One PASSIVE checkpoint for each message; answers with what SQLite says of it. */
const db = openDatabase((workerData as { path: string }).path)
db.exec('pragma wal_autocheckpoint = 0')
const passive = db.prepare('pragma wal_checkpoint(passive)')
parentPort!.on('message', () => parentPort!.postMessage({ ...passive.get() }))
