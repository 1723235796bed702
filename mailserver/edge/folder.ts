import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Settings } from '#config/settings.ts'
import { paths, ports } from '#config/settings.ts'
import { SPOOL_AFTER } from '#mailserver/edge/policy/spool.ts'
import type { Pair } from '#mailserver/tls/pair.ts'

/**
 * Haraka's private folder, written anew at each start from the settings; nothing in it is kept by anybody else but the
 * Diffie-Hellman parameters, which take long to make and are the well-known group ffdhe2048 anyway.
 *
 * Config files must be complete: Haraka does not merge a partial one with its defaults and ends at the first connection.
 *
 * @param given.rspamd port of the scanner, undefined: mail is not scanned
 */
export function writeHarakaFolder(
  settings: Settings,
  given: { rspamd: number | undefined; tls: readonly Pair[] },
): string {
  const folder = paths(settings.data).edge
  for (const sub of ['config', 'plugins', 'spool']) {
    rmSync(`${folder}/${sub}`, { recursive: true, force: true })
    mkdirSync(`${folder}/${sub}`, { recursive: true, mode: 0o700 })
  }
  const write = (name: string, text: string) => {
    writeFileSync(`${folder}/${name}.part`, text, { mode: 0o600 })
    renameSync(`${folder}/${name}.part`, `${folder}/${name}`)
  }
  write('config/me', `${settings.hostname}\n`)
  write(
    'config/plugins',
    ['congso_edge', 'tls', ...(given.rspamd === undefined ? [] : ['rspamd'])].join('\n').concat('\n'),
  )
  write(
    'config/smtp.ini',
    `listen=${settings.listen}:${ports(settings.portBase).smtp}\nnodes=0\ninactivity_timeout=120\n[main]\nforce_shutdown_timeout=5\n`,
  )
  // what happens to each mail is in our own log; Haraka's lines about it cost a third of the edge's time
  write('config/log.ini', '[main]\nlevel=warn\ntimestamps=false\nformat=json\n')
  write('config/connection.ini', connectionIni(settings, folder))
  write(
    'config/tls.ini',
    'key=tls_key.pem\ncert=tls_cert.pem\ndhparam=dhparams.pem\nminVersion=TLSv1.2\n[redis]\ndisable_for_failed_hosts=false\n',
  )
  // for the moment before our plugin follows the mail service's own files
  write('config/tls_key.pem', given.tls[0]!.key)
  write('config/tls_cert.pem', given.tls[0]!.cert)
  write('config/dhparams.pem', ffdhe2048)
  // the hand-over waits for a durable commit behind others; Haraka would answer "later" after 30 s
  write('config/congso_edge.timeout', '180\n')
  write('config/rspamd.ini', rspamdIni(given.rspamd ?? 0))
  write('config/rspamd.timeout', '30\n')
  const implementation = fileURLToPath(new URL('./plugins/edge.ts', import.meta.url))
  const edge = {
    control: paths(settings.data).control,
    secretFile: paths(settings.data).secret('edge'),
    hostname: settings.hostname,
    spool: spoolOf(folder),
    tls: { folder: paths(settings.data).tls, hostname: settings.hostname, tlsNames: settings.tlsNames },
    ...dns(settings),
    // tests move the suite's clock; keys are in force by that clock
    clockOffsetMs: settings.clock === '' ? 0 : Date.parse(settings.clock) - Date.now(),
  }
  write('plugins/congso_edge.js', shim(implementation, edge))
  if (!existsSync(edge.secretFile))
    throw new Error(`${edge.secretFile} is missing: the mail server makes it at its first start`)
  return folder
}

const spoolOf = (folder: string): string => `${folder}/spool`

/** In local start a machine's DNS is not relied upon: mail comes from the sink and from tests. */
function dns(settings: Settings): { dns?: string[] } {
  const named = settings.dnsServers
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
  return settings.mode === 'local' && named.length === 0 ? {} : { dns: named }
}

/** Haraka runs plugins in a context of their own, where its constants are globals. */
function shim(implementation: string, edge: object): string {
  return [
    "'use strict'",
    `const edge = require(${JSON.stringify(implementation)})`,
    'exports.register = function () {',
    `  edge.register(this, { OK, DENY, DENYSOFT, DENYSOFTDISCONNECT, dsn: require('haraka-dsn'), lines: require('haraka-utils'), tls: require('./tls_socket') }, ${JSON.stringify(edge)})`,
    '}',
    '',
  ].join('\n')
}

function connectionIni(settings: Settings, folder: string): string {
  return `[main]
spool_dir=${spoolOf(folder)}
spool_after=${SPOOL_AFTER}
smtputf8=true
[haproxy]
enabled=false
hosts[]=
[headers]
add_received=true
clean_auth_results=true
show_version=false
max_lines=1000
max_received=50
[max]
bytes=${settings.maxMessageMb * 1024 * 1024}
mime_parts=1000
line_length=2048
; the default of 992 puts line breaks into longer lines, which breaks signatures and attachments
data_line_length=65536
[message]
helo=ok
close=bye
[uuid]
banner_chars=6
deny_chars=0
`
}

/** Scanner down or slow: the sender tries again; unscanned mail never passes while the scanner is on. */
function rspamdIni(port: number): string {
  return `host=127.0.0.1
port=${port}
add_headers=never
timeout=25
[check]
private_ip=true
local_ip=true
[reject]
spam=true
message=Refused as spam / Thu bi tu choi vi la thu rac
[soft_reject]
enabled=true
[rmilter_headers]
enabled=false
[rewrite_subject]
enabled=false
[dkim]
enabled=false
[defer]
error=true
timeout=true
`
}

/** RFC 7919 appendix A.1, as PEM. Without the file Haraka makes parameters of its own at each start. */
const ffdhe2048 = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`
