import type { FileState } from './unreadable.ts'

/** One encoded part of a message, as it stands there. */
export type ToReader = { id: number; octets: Uint8Array; encoding: string; name: string; charset?: string }
export type FromReader =
  | { ready: true }
  | { id: number; state: FileState; text: string; folded: string; indexed?: number; why?: string }
