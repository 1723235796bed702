/** The part of mx-connect 1.6 that routes.ts uses; the package has no types. */
declare module 'mx-connect' {
  import type { Socket } from 'node:net'
  export type Mx = {
    socket: Socket
    hostname?: string
    host: string
    requireTls?: boolean
    policyMatch?: { valid?: boolean; mode?: string }
    tlsaRecords?: unknown[] | null
  }
  export default function mxConnect(options: {
    target: string
    port: number
    maxConnectTime?: number
    localHostname?: string
    ignoreMXHosts?: readonly string[]
    dnsOptions?: { blockLocalAddresses?: boolean; resolve?: unknown }
    mtaSts?: {
      enabled: boolean
      cache?: { get(domain: string): Promise<unknown>; set(domain: string, policy: unknown): Promise<void> }
    }
    dane?: { enabled: boolean; resolveTlsa?: (name: string) => Promise<unknown[]> }
  }): Promise<Mx>
}
