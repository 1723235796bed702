/** Connections as the system sees them: whoever does not read does not hear that a connection has ended. */
import { readFileSync } from 'node:fs'

/** proc(5), /proc/net/tcp */
const established = '01'
/** 127.0.0.1, from which our own processes come */
const ours = '0100007F'

/** Open at this port of ours, from addresses other than those of our own processes. */
export function openAt(port: number): number {
  const local = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, at, from, state]) => at?.endsWith(`:${local}`) && state === established && !from?.startsWith(ours))
    .length
}
