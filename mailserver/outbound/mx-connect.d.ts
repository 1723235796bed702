/** The part of mx-connect 1.6 that routes.ts uses; the package has no types. */
declare module 'mx-connect' {
  import type { Socket } from 'node:net'
  export type Mx = {
    socket: Socket
    hostname?: string
    host: string
    requireTls?: boolean
    policyMatch?: { valid?: boolean; mode?: string }
  }
  export default function mxConnect(options: {
    target: string
    port: number
    maxConnectTime?: number
    localHostname?: string
    dnsOptions?: { blockLocalAddresses?: boolean }
    mtaSts?: { enabled: boolean }
    dane?: { enabled: boolean }
  }): Promise<Mx>
}
