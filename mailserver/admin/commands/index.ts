import type { Command } from 'commander'
import type { Settings } from '#config/settings.ts'
import { accountCommands } from './account.ts'
import { aliasCommands } from './alias.ts'
import { backupCommands } from './backup.ts'
import { deletedCommands } from './deleted.ts'
import { dnsCommand } from './dns.ts'
import { domainCommands } from './domain.ts'
import { expiryCommands } from './expiry.ts'
import { exportMailCommands } from './exportmail.ts'
import { grantCommands } from './grant.ts'
import { importMailCommands } from './importmail.ts'
import { ldapCommands } from './ldap.ts'
import { mailCommands } from './mail.ts'
import { mailboxCommands } from './mailbox.ts'
import { metadataCommands } from './metadata.ts'
import { queueCommands } from './queue.ts'
import { recordCommand } from './record.ts'
import { sessionCommands } from './sessions.ts'
import { shareCommands } from './share.ts'
import { sieveCommands } from './sieve.ts'
import { tlsCommands } from './tls.ts'
import { verifyCommand } from './verify.ts'

/** Adds the administrator's commands to the root command. @param settings read when a command runs, after the options */
export function registerMailserverCommands(program: Command, settings: () => Settings): void {
  for (const register of [
    domainCommands,
    accountCommands,
    ldapCommands,
    grantCommands,
    shareCommands,
    aliasCommands,
    queueCommands,
    dnsCommand,
    tlsCommands,
    expiryCommands,
    metadataCommands,
    sessionCommands,
    mailboxCommands,
    mailCommands,
    deletedCommands,
    recordCommand,
    sieveCommands,
    importMailCommands,
    exportMailCommands,
    backupCommands,
    verifyCommand,
  ])
    register(program, { settings })
}
