/** Which server a letter goes to: in a local start always the sink, otherwise the domain's MX (RFC 5321 §5.1). */
import mxConnect from 'mx-connect'
import { ports, type Settings } from '#config/settings.ts'
import { Delivery } from '#kit/mail/deliver.ts'

/** A host that does not answer within this is tried again later, or the next one is. */
const connectMs = 30_000

export type Route = { key: string; open: () => Promise<Delivery> }

export function routeTo(recipient: string, settings: Settings): Route {
  if (settings.mode === 'local') {
    const port = ports(settings.portBase).sinkSmtp
    return { key: 'sink', open: () => Delivery.open({ host: settings.listen, port, name: settings.hostname }) }
  }
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
  return {
    key: domain,
    open: async () => {
      const mx = await mxConnect({
        target: domain,
        port: 25,
        maxConnectTime: connectMs,
        localHostname: settings.hostname,
        dnsOptions: { blockLocalAddresses: true },
        mtaSts: { enabled: true },
        dane: { enabled: true },
      })
      const enforced = mx.policyMatch?.valid === true && mx.policyMatch.mode === 'enforce'
      return Delivery.open({
        host: mx.hostname ?? mx.host,
        port: 25,
        socket: mx.socket,
        name: settings.hostname,
        requireTls: enforced || mx.requireTls === true,
        ...(enforced && mx.hostname ? { servername: mx.hostname } : {}),
      })
    },
  }
}
