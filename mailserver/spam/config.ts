import { accessSync, constants, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Settings } from '#config/settings.ts'
import { paths, ports } from '#config/settings.ts'
import { packagedConfig } from '#mailserver/spam/available.ts'

/** Modules that ask the network or need Redis; without them a machine without Internet scans at full speed. */
const networkModules = [
  'rbl',
  'surbl',
  'fuzzy_check',
  'phishing',
  'asn',
  'mx_check',
  'url_redirector',
  'rspamd_update',
  'dcc',
  'spf',
  'dmarc',
  'maps_stats',
]
const redisModules = ['neural', 'greylist', 'ratelimit', 'history_redis', 'reputation', 'replies', 'known_senders']
/** What others do here (signing), or services that we do not bring. */
const otherModules = ['dkim_signing', 'arc', 'spamassassin', 'antivirus', 'external_services', 'clickhouse', 'elastic']

export type RspamdFolder = { config: string; local: string; db: string; run: string; log: string }

/**
 * A private configuration: the package's own, copied so that the statistics can be kept in SQLite (which `local.d` cannot
 * say), and our `local.d`. `db` stays between starts: it holds what was learnt, and compiled patterns that take 12 s to make.
 *
 * @param given.nameserver "127.0.0.1:5353", or undefined for the system's
 * @param given.password for learning, through the controller
 */
export function writeRspamdFolder(
  settings: Settings,
  given: { nameserver: string | undefined; offline: boolean; password: string },
): RspamdFolder {
  const base = paths(settings.data).rspamd
  const folder = {
    config: `${base}/etc`,
    local: `${base}/local`,
    db: `${base}/db`,
    run: `${base}/run`,
    log: `${base}/log`,
  }
  for (const path of [folder.config, folder.local, folder.run]) rmSync(path, { recursive: true, force: true })
  for (const path of [base, folder.db, folder.run, folder.log, `${folder.local}/local.d`])
    mkdirSync(path, { recursive: true, mode: 0o700 })
  cpSync(packagedConfig, folder.config, {
    recursive: true,
    dereference: true,
    filter: (path) => !/\/(local\.d|override\.d)\//.test(path),
  })
  writeFileSync(`${folder.config}/statistic.conf`, statistics)
  const port = ports(settings.portBase)
  const local: Record<string, string> = {
    'options.inc': [
      given.nameserver
        ? `dns { nameserver = ["${given.nameserver}"]; timeout = 0.5s; retransmits = 1; sockets = 4; }`
        : 'dns { timeout = 1s; retransmits = 2; }',
      'filters = "chartable,dkim,regexp";',
      'local_addrs = [];', // mail of this very machine is scanned as well
      `hs_cache_dir = "${patternCache(settings) ?? folder.db}";`,
      `tempdir = "${folder.run}";`,
      `control_socket = "${folder.run}/rspamd.sock mode=0600";`,
    ].join('\n'),
    'logging.inc': 'type = "console"; level = "warning";',
    'worker-normal.inc': `bind_socket = "127.0.0.1:${port.rspamd}"; count = 2;`,
    'worker-controller.inc': `bind_socket = "127.0.0.1:${port.rspamdControl}"; password = "${given.password}"; enable_password = "${given.password}"; secure_ip = [];`,
    'worker-proxy.inc': 'enabled = false;',
    'actions.conf': 'reject = 15; add_header = 6; greylist = 100;', // nobody greylists here: the value is out of reach
    // Vietnamese subjects mix Latin with letters of other blocks; the rule gave six proper letters 2.5 to 4 points
    'headers_group.conf': 'symbols { "R_MIXED_CHARSET" { weight = 0.0; } "R_MIXED_CHARSET_URL" { weight = 0.0; } }',
  }
  const off = [...redisModules, ...otherModules, ...(given.offline ? networkModules : [])]
  for (const module of off) local[`${module}.conf`] = 'enabled = false;'
  for (const [name, text] of Object.entries(local))
    writeFileSync(`${folder.local}/local.d/${name}`, `${text}\n`, { mode: 0o600 })
  return folder
}

/**
 * Compiled patterns, named by their content. In local start they are kept beside the installed packages, so that a fresh
 * data folder (every test has one) does not compile them again; undefined where that cannot be written.
 */
function patternCache(settings: Settings): string | undefined {
  if (settings.mode !== 'local') return undefined
  const folder = fileURLToPath(new URL('../../node_modules/.cache/congso-rspamd', import.meta.url))
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return folder
  } catch {
    return undefined // installed for all users, and run by another: the data folder has its own
  }
}

const statistics = `classifier "bayes" {
  tokenizer { name = "osb"; }
  cache { type = "sqlite3"; path = "$DBDIR/learn_cache.sqlite"; }
  min_tokens = 11;
  backend = "sqlite3";
  min_learns = 10;
  statfile { symbol = "BAYES_HAM"; spam = false; path = "$DBDIR/bayes.ham.sqlite"; }
  statfile { symbol = "BAYES_SPAM"; spam = true; path = "$DBDIR/bayes.spam.sqlite"; }
  learn_condition = 'return require("lua_bayes_learn").can_learn';
}
`
