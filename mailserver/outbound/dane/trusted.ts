import { getServers } from 'node:dns'
import { BlockList, isIPv6 } from 'node:net'
import type { Settings } from '#config/settings.ts'
import { place } from './ask.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** The DNS servers that are asked for everything: those of the settings, or of the system. */
export function serversOf({ dnsServers }: Pick<Settings, 'dnsServers'>): string[] {
  const named = dnsServers
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
  return named.length > 0 ? named : getServers()
}

/**
 * Those whose word on signatures counts (RFC 7672 §2.1: the way to the resolver must be as safe as a local one): on this machine, or
 * wherever the administrator says that the network to them is safe. All of them, or none: an answer must not depend on who is asked.
 */
export function trusted(servers: readonly string[], { dnsTrusted }: Pick<Settings, 'dnsTrusted'>): readonly string[] {
  if (dnsTrusted === 'all') return servers
  const local = servers.every((server) => {
    const { host } = place(server)
    return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
  })
  return local ? servers : []
}
