import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Every setting there is, declared once with its help. `congso config` prints each with its value and
 * where that came from. No other file reads `process.env` (but for the log level and the crash points,
 * which must work before settings do). A wrong value fails at start with a sentence naming the setting.
 */
type Setting =
  | { env: string; kind: 'text'; fallback: string; secret?: true; help: string }
  | { env: string; kind: 'number'; fallback: number; min: number; max: number; help: string }
  | { env: string; kind: 'choice'; fallback: string; choices: readonly string[]; help: string }

export const settingsTable = {
  data: {
    env: 'CONGSO_DATA',
    kind: 'text',
    fallback: 'data',
    help: 'Folder of accounts, mail, registers and queues. Back this up.',
  },
  portBase: {
    env: 'CONGSO_PORT_BASE',
    kind: 'number',
    fallback: 8000,
    min: 1024,
    max: 56_000,
    help: 'Ports are this plus the standard port (SMTP 25, IMAP 143, …).',
  },
  listen: { env: 'CONGSO_LISTEN', kind: 'text', fallback: '127.0.0.1', help: 'Address on which every listener binds.' },
  mode: {
    env: 'CONGSO_MODE',
    kind: 'choice',
    fallback: 'local',
    choices: ['local', 'production'],
    help: 'local: loopback, demonstration province, all outside mail to the sink. production: no sink, no demonstration.',
  },
  province: {
    env: 'CONGSO_PROVINCE',
    kind: 'text',
    fallback: 'haiduong',
    help: 'Folder under config/provinces with agencies, people, procedures and holidays.',
  },
  hostname: {
    env: 'CONGSO_HOSTNAME',
    kind: 'text',
    fallback: 'mail.haiduong.gov.vn',
    help: 'Name that the mail server gives in greetings, Received lines and certificates.',
  },
  tls: {
    env: 'CONGSO_TLS',
    kind: 'choice',
    fallback: 'self-signed',
    choices: ['self-signed', 'files', 'acme'],
    help: 'self-signed: made at first start, unless files are there. files: key.pem and cert.pem in DATA/tls, else no start. acme: from the authority below, to whose terms you agree thereby.',
  },
  tlsNames: {
    env: 'CONGSO_TLS_NAMES',
    kind: 'text',
    fallback: '',
    help: 'Further host names of the mail server, separated by commas; each gets a certificate of its own.',
  },
  acmeDirectory: {
    env: 'CONGSO_ACME_DIRECTORY',
    kind: 'text',
    fallback: 'https://acme-v02.api.letsencrypt.org/directory',
    help: 'Directory of the ACME authority.',
  },
  acmeContact: {
    env: 'CONGSO_ACME_CONTACT',
    kind: 'text',
    fallback: '',
    help: 'Mail address that the ACME authority may write to.',
  },
  acmeCa: {
    env: 'CONGSO_ACME_CA',
    kind: 'text',
    fallback: '',
    help: 'PEM file that vouches for the ACME authority itself (of an internal one); empty: those of the system.',
  },
  acmePort: {
    env: 'CONGSO_ACME_PORT',
    kind: 'number',
    fallback: 0,
    min: 0,
    max: 65_535,
    help: 'Port that answers HTTP-01 while an order is under way; what has port 80 passes /.well-known/acme-challenge/ on to it. 0: base + 79.',
  },
  rspamd: {
    env: 'CONGSO_RSPAMD',
    kind: 'choice',
    fallback: 'auto',
    choices: ['auto', 'off'],
    help: 'auto: start a private rspamd when the package is installed. off: mail is not scanned, and pages say so.',
  },
  imapThreads: {
    env: 'CONGSO_IMAP_THREADS',
    kind: 'number',
    fallback: 2,
    min: 1,
    max: 64,
    help: 'Threads that serve IMAP and POP3 sessions.',
  },
  fileTexts: {
    env: 'CONGSO_FILE_TEXTS',
    kind: 'choice',
    fallback: 'on',
    choices: ['on', 'off'],
    help: 'on: the text of attached files is read in the background, for search. off: files are found by their names only.',
  },
  metrics: {
    env: 'CONGSO_METRICS',
    kind: 'choice',
    fallback: 'off',
    choices: ['off', 'on'],
    help: 'on: figures of the mail service at http://127.0.0.1:<base+91>/metrics, for a monitoring program on this machine.',
  },
  maxMessageMb: {
    env: 'CONGSO_MAX_MESSAGE_MB',
    kind: 'number',
    fallback: 50,
    min: 1,
    max: 200,
    help: 'Largest message accepted by any listener, in MB.',
  },
  deletedDays: {
    env: 'CONGSO_DELETED_DAYS',
    kind: 'number',
    fallback: 14,
    min: 0,
    max: 3650,
    help: 'Days for which deleted mail can be restored by its owner and by administrators; 0: it is gone within a minute.',
  },
  deletedMb: {
    env: 'CONGSO_DELETED_MB',
    kind: 'number',
    fallback: 2000,
    min: 0,
    max: 1_000_000,
    help: 'Deleted mail of one account takes up at most so many MB, beside its quota; beyond that the oldest goes first.',
  },
  ldapUrl: {
    env: 'CONGSO_LDAP_URL',
    kind: 'text',
    fallback: '',
    help: 'LDAP servers that judge the passwords of accounts that say so, separated by commas: ldaps://dc1.example:636. Empty: none.',
  },
  ldapStartTls: {
    env: 'CONGSO_LDAP_STARTTLS',
    kind: 'choice',
    fallback: 'off',
    choices: ['off', 'on'],
    help: 'on: ldap:// connections are secured by StartTLS before anything is said.',
  },
  ldapCa: {
    env: 'CONGSO_LDAP_CA',
    kind: 'text',
    fallback: '',
    help: "PEM file that vouches for the LDAP servers; empty: the system's authorities.",
  },
  ldapBase: {
    env: 'CONGSO_LDAP_BASE',
    kind: 'text',
    fallback: '',
    help: 'Where people are looked for in the LDAP directory: ou=people,dc=haiduong,dc=gov,dc=vn.',
  },
  ldapFilter: {
    env: 'CONGSO_LDAP_FILTER',
    kind: 'text',
    fallback: '(mail={address})',
    help: 'How a person is found there (RFC 4515); {address} is her mail address, {local} what stands before the @.',
  },
  ldapBindDn: {
    env: 'CONGSO_LDAP_BIND_DN',
    kind: 'text',
    fallback: '',
    help: 'Who looks for people in the LDAP directory; empty: anybody may.',
  },
  ldapBindPassword: {
    env: 'CONGSO_LDAP_BIND_PASSWORD',
    kind: 'text',
    fallback: '',
    secret: true,
    help: 'The password of that one; better in the file of settings, which nobody else can read, than in the environment.',
  },
  dnsServers: {
    env: 'CONGSO_DNS',
    kind: 'text',
    fallback: '',
    help: 'DNS servers, separated by commas; empty: those of the system. Tests point it at a false one.',
  },
  dnsTrusted: {
    env: 'CONGSO_DNS_TRUSTED',
    kind: 'choice',
    fallback: 'loopback',
    choices: ['loopback', 'all'],
    help: 'Whose word on DNSSEC counts, and so whether DANE is used: loopback, a validating resolver on this machine (unbound); all, also others, when the network to them is safe.',
  },
  portalOrigin: {
    env: 'CONGSO_PORTAL_ORIGIN',
    kind: 'text',
    fallback: '',
    help: 'Public address of the portal; empty: http://<listen>:<base+80>.',
  },
  deskOrigin: {
    env: 'CONGSO_DESK_ORIGIN',
    kind: 'text',
    fallback: '',
    help: 'Public address of the desk; empty: http://<listen>:<base+81>.',
  },
  publicPorts: {
    env: 'CONGSO_PUBLIC_PORTS',
    kind: 'choice',
    fallback: 'same',
    choices: ['same', 'standard'],
    help: 'What mail programs and DNS are told. same: the ports that listen. standard: 993, 465 and so on, which the firewall passes on to them.',
  },
  patience: {
    env: 'CONGSO_PATIENCE',
    kind: 'number',
    fallback: 100,
    min: 1,
    max: 100,
    help: 'Tests only: how many per cent of their time-outs the listeners wait for clients; refused in production.',
  },
  clock: {
    env: 'CONGSO_CLOCK',
    kind: 'text',
    fallback: '',
    help: 'Tests only: an ISO instant that the suite takes as now when it starts; refused in production.',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settingsTable
type Value<S> = S extends { kind: 'number' } ? number : S extends { choices: readonly (infer C)[] } ? C : string
export type Settings = { readonly [K in SettingName]: Value<(typeof settingsTable)[K]> }
export type SettingSource = 'default' | 'environment' | 'option' | 'file'

/**
 * @param options values given on the command line, by setting name; they win over the environment
 * @param env usually `process.env`
 * @param file JSON object of setting names to values; it wins over defaults only
 * @throws Error with a sentence that names the setting, its value and what is wanted
 */
export function loadSettings(
  options: Partial<Record<SettingName, string>>,
  env: Record<string, string | undefined>,
  file?: string,
): { settings: Settings; sources: Record<SettingName, SettingSource> } {
  const fromFile = file ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {}
  for (const name of Object.keys(fromFile))
    if (!(name in settingsTable)) throw new Error(`${file}: there is no setting named "${name}"`)
  const settings: Record<string, string | number> = {}
  const sources: Record<string, SettingSource> = {}
  for (const [name, s] of Object.entries(settingsTable) as [SettingName, Setting][]) {
    const [raw, source]: [unknown, SettingSource] =
      options[name] !== undefined
        ? [options[name], 'option']
        : env[s.env] !== undefined && env[s.env] !== ''
          ? [env[s.env], 'environment']
          : fromFile[name] !== undefined
            ? [fromFile[name], 'file']
            : [s.fallback, 'default']
    settings[name] = check(name, s, String(raw))
    sources[name] = source
  }
  const result = settings as unknown as { -readonly [K in SettingName]: Settings[K] }
  result.data = resolve(result.data)
  result.portalOrigin ||= `http://${result.listen}:${result.portBase + 80}`
  result.deskOrigin ||= `http://${result.listen}:${result.portBase + 81}`
  if (result.mode === 'production' && result.clock !== '')
    throw new Error('CONGSO_CLOCK is for tests; unset it in production')
  if (result.mode === 'production' && result.patience !== settingsTable.patience.fallback)
    throw new Error('CONGSO_PATIENCE is for tests; unset it in production')
  return { settings: result, sources: sources as Record<SettingName, SettingSource> }
}

function check(name: string, s: Setting, raw: string): string | number {
  if (s.kind === 'number') {
    const n = Number(raw)
    if (!Number.isInteger(n) || n < s.min || n > s.max)
      throw new Error(`${s.env} (${name}) is "${raw}"; it must be a whole number from ${s.min} to ${s.max}`)
    return n
  }
  if (s.kind === 'choice' && !s.choices.includes(raw))
    throw new Error(`${s.env} (${name}) is "${raw}"; it must be one of ${s.choices.join(', ')}`)
  return raw
}

/** Where everything lies below the data folder; nobody else spells these names. */
export function paths(data: string) {
  return {
    lock: `${data}/lock`,
    secret: (process: string) => `${data}/secrets/${process}`,
    control: `${data}/run/control.sock`,
    accounts: `${data}/accounts.sqlite`,
    cell: (n: number) => `${data}/cells/${n}`,
    keys: `${data}/keys`,
    tls: `${data}/tls`,
    projections: `${data}/projections`,
    portal: `${data}/portal`,
    desk: `${data}/desk`,
    edge: `${data}/edge`,
    outbound: `${data}/outbound`,
    rspamd: `${data}/rspamd`,
    sink: `${data}/sink`,
    status: `${data}/run/status.json`,
  } as const
}

/** base + standard port. HTTP, SMTP, IMAP and POP3 as design says; nothing else listens on TCP. */
export function ports(base: number) {
  return {
    smtp: base + 25,
    submission: base + 587,
    submissions: base + 465,
    imap: base + 143,
    imaps: base + 993,
    pop3: base + 110,
    pop3s: base + 995,
    sieve: base + 4190,
    acme: base + 79,
    lmtp: base + 24,
    portal: base + 80,
    desk: base + 81,
    metrics: base + 91,
    sinkPage: base + 82,
    sinkSmtp: base + 26,
    rspamd: base + 333,
    rspamdControl: base + 334,
    redis: base + 379,
  } as const
}
