import { parentPort, workerData } from 'node:worker_threads'
import { auditCell } from './audit.ts'

parentPort!.postMessage(auditCell((workerData as { dir: string }).dir))
