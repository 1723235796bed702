/**
 * Which server a letter goes to: in a local start always the sink, otherwise the domain's MX (RFC 5321 §5.1), and how sure we must be
 * that it is the right one: what DANE says (RFC 7672), else MTA-STS (RFC 8461), else TLS if it is offered, with any certificate.
 */
import { Resolver } from 'node:dns'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { validateMx } from 'mailauth/lib/mta-sts.js'
import mxConnect, { type Mx } from 'mx-connect'
import { ports, type Settings } from '#config/settings.ts'
import { Delivery, NotSecure } from '#kit/mail/deliver.ts'
import { type Ask, asker } from './dane/ask.ts'
import { daneFault } from './dane/match.ts'
import { type Tlsa, tlsaOf } from './dane/records.ts'
import { serversOf, trusted } from './dane/trusted.ts'
import { Policies } from './store/stspolicies.ts'

/** A host that does not answer within this is tried again later, or the next one is. */
const connectMs = 30_000
/** Hosts of one domain that are tried in one attempt when they are not the ones that DANE or MTA-STS name. */
const hostsMost = 5

export type Route = { key: string; open: () => Promise<Delivery> }

/** What the world is asked by; made once. */
export type World = {
  port: number
  /** hosts on this machine or in private networks are no MX of anybody */
  blockLocal: boolean
  resolve: Resolver['resolve']
  /** undefined: no resolver whose word on signatures counts, and so no DANE */
  ask: Ask | undefined
  policies: Policies
}

/** @param policies absent: they are forgotten with the process */
export function worldOf(settings: Settings, policies = new Policies()): World {
  const servers = serversOf(settings)
  const resolver = new Resolver()
  resolver.setServers(servers)
  const validating = trusted(servers, settings)
  return {
    port: 25,
    blockLocal: true,
    resolve: resolver.resolve.bind(resolver),
    ask: validating.length > 0 ? asker(validating) : undefined,
    policies,
  }
}

export function routeTo(recipient: string, settings: Settings, world: World): Route {
  if (settings.mode === 'local') {
    const port = ports(settings.portBase).sinkSmtp
    return { key: 'sink', open: () => Delivery.open({ host: settings.listen, port, name: settings.hostname }) }
  }
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
  return { key: domain, open: () => openTo(domain, settings.hostname, world) }
}

/** The first host that is the one it should be. @throws Error the reason of the first that is not, when none is */
async function openTo(domain: string, name: string, world: World): Promise<Delivery> {
  const refused: string[] = []
  let first: unknown
  while (refused.length < hostsMost) {
    const mx = await mxConnect(optionsOf(domain, name, world, refused)).catch((err: unknown) => {
      throw first ?? err
    })
    try {
      return await greet(mx, domain, name, world)
    } catch (err) {
      if (!(err instanceof NotSecure)) throw err
      first ??= err
      refused.push(mx.host)
    }
  }
  throw first
}

function optionsOf(domain: string, name: string, { port, blockLocal, resolve, ask, policies }: World, not: string[]) {
  return {
    target: domain,
    port,
    maxConnectTime: connectMs,
    localHostname: name,
    ignoreMXHosts: not,
    dnsOptions: { blockLocalAddresses: blockLocal, resolve },
    mtaSts: {
      enabled: true,
      cache: {
        get: async (of: string) => policies.of(of),
        set: async (of: string, policy: Parameters<Policies['learn']>[1]) => policies.learn(of, policy),
      },
    },
    ...(ask ? { dane: { enabled: true, resolveTlsa: (at: string) => tlsaAt(at, ask) } } : {}),
  }
}

async function tlsaAt(name: string, ask: Ask): Promise<Tlsa[]> {
  const [, port, host] = /^_(\d+)\._tcp\.(.+)$/.exec(name) ?? []
  return host === undefined ? [] : tlsaOf(host, Number(port), ask)
}

async function greet(mx: Mx, domain: string, name: string, { port, policies }: World): Promise<Delivery> {
  const host = mx.hostname ?? mx.host
  const records = (mx.tlsaRecords ?? []) as Tlsa[]
  const policy = policies.of(domainToASCII(domain))
  const enforced = mx.policyMatch?.mode === 'enforce' || policy?.mode === 'enforce'
  if (policy?.mode === 'enforce' && !validateMx(host, policy as never).valid) {
    mx.socket.destroy()
    throw new NotSecure(`4.7.5 ${host} is none of the servers that the MTA-STS policy of ${domain} names`)
  }
  const to = {
    host,
    port,
    socket: mx.socket,
    name,
    ...(isIP(host) ? {} : { sni: host }),
    requireTls: enforced || records.length > 0,
  }
  if (records.length === 0) return Delivery.open({ ...to, ...(enforced ? { servername: host } : {}) })
  // RFC 8461 §2: where there is DANE it decides
  const names = [host, domainToASCII(domain)]
  return Delivery.open({
    ...to,
    peerFault: (chain) => {
      const fault = daneFault(records, chain, names, Date.now())
      return fault && `4.7.5 DANE: ${host}: ${fault}`
    },
  })
}
