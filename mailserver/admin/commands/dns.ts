import type { Command } from 'commander'
import { mailServices } from '#mailserver/autoconfig/services.ts'
import { dnsRecords, zoneText } from '../dns.ts'
import { type Given, print, withDirectory } from './command.ts'

export function dnsCommand(program: Command, given: Given): void {
  program
    .command('dns [domain]')
    .description('the records to publish for a mail domain, for all of them when none is named')
    .option('--json', 'print JSON')
    .action((domain: string | undefined, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { domains } = await directory['domain.list']({})
        const wanted = domain === undefined ? domains : domains.filter((d) => d === domain.toLowerCase())
        if (wanted.length === 0)
          throw new Error(domain ? `${domain} is not a domain of this service` : 'there is no domain yet')
        const { keys } = await directory['keys.list']({})
        const settings = given.settings()
        const { hostname, deskOrigin } = settings
        // records are for the world, also those that a local start prints
        const services = mailServices({ ...settings, mode: 'production' })
        const records = wanted.flatMap((name) =>
          dnsRecords({ domain: name, hostname, keys, services, deskOrigin, now: Date.now() }),
        )
        print(json, records, [[zoneText(records)]])
      }),
    )
}
