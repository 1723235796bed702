/**
 * What `npm start` and `npm test` do first, on whatever Node the machine has (20 or later): plain JavaScript,
 * no packages. Installs the npm packages when they are missing or the lock file changed, and, where it may,
 * the Debian packages that the suite or its tests use. What cannot be installed is said in plain words, and is off.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const purpose = process.argv[2] ?? 'start'

/** [program looked for on PATH, or a file that tells (`*` for one folder's name); Debian package that brings it; what is missing without it] */
const forStart = [
  ['rspamd', 'rspamd', 'thư đến không được quét thư rác (incoming mail is not scanned for spam)'],
  ['redis-server', 'redis-server', 'rspamd học thư rác bằng tệp, không có danh sách xám (no greylisting)'],
]
const forTest = [
  ...forStart,
  ['chromium', 'chromium', 'kiểm thử trang trên trình duyệt (browser tests)'],
  ['swaks', 'swaks', 'kiểm thử SMTP bằng swaks'],
  ['curl', 'curl', 'kiểm thử bằng curl'],
  ['mbsync', 'isync', 'kiểm thử IMAP bằng mbsync'],
  ['/usr/lib/*/sasl2/libscram.so', 'libsasl2-modules', 'kiểm thử SCRAM bằng Cyrus SASL của mbsync'],
  ['mutt', 'mutt', 'kiểm thử IMAP và POP3 bằng mutt'],
  ['script', 'bsdutils', 'kiểm thử bằng mutt (a terminal for it)'],
  ['thunderbird', 'thunderbird', 'kiểm thử bằng Thunderbird'],
  ['Xvfb', 'xvfb', 'kiểm thử bằng Thunderbird (không có màn hình)'],
  ['offlineimap', 'offlineimap3', 'kiểm thử IMAP bằng offlineimap'],
  ['python3', 'python3', 'kiểm thử IMAP bằng imaplib, POP3 bằng poplib'],
  [
    '/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py',
    'python3-prometheus-client',
    'kiểm thử số đo bằng bộ đọc OpenMetrics (metrics)',
  ],
  ['/usr/lib/python3/dist-packages/dkim/__init__.py', 'python3-dkim', 'kiểm thử ARC bằng dkimpy (mail sent on)'],
  ['openssl', 'openssl', 'kiểm thử TLS'],
  ['/usr/lib/dovecot/imap', 'dovecot-imapd', 'so sánh IMAP với Dovecot (IMAP compared with Dovecot)'],
  ['/usr/lib/dovecot/pop3', 'dovecot-pop3d', 'so sánh POP3 với Dovecot (POP3 compared with Dovecot)'],
  ['sieve-test', 'dovecot-sieve', 'so sánh bộ lọc thư với Pigeonhole (Sieve compared with Pigeonhole)'],
  ['sieve-connect', 'sieve-connect', 'kiểm thử ManageSieve bằng sieve-connect'],
  ['gsasl', 'gsasl', 'kiểm thử đăng nhập SCRAM bằng GNU SASL'],
  ['pebble', 'pebble', 'kiểm thử chứng thư ACME bằng Pebble'],
  ['fetchmail', 'fetchmail', 'kiểm thử POP3 bằng fetchmail'],
  ['getmail', 'getmail6', 'kiểm thử POP3 bằng getmail'],
  [
    '/usr/lib/*/faketime/libfaketimeMT.so.1',
    'faketime',
    'kiểm thử đồng hồ nhảy (a clock that jumps under the running suite)',
  ],
  ['slapd', 'slapd', 'kiểm thử mật khẩu trong danh bạ LDAP bằng OpenLDAP'],
  ['pdftotext', 'poppler-utils', 'kiểm thử chữ trong PDF'],
]

installNpmPackages()
installDebianPackages(purpose === 'test' ? forTest : forStart)

function installNpmPackages() {
  const stamp = join(root, 'node_modules', '.congso-setup')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('Đang cài các gói npm (một lần, khoảng một phút)…')
  // No package here needs an install script.
  const r = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (r.status !== 0) {
    console.error('Không cài được các gói npm: kiểm tra kết nối tới kho gói rồi chạy lại. (npm ci failed)')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

function installDebianPackages(list) {
  const missing = list.filter(([sign]) => !isThere(sign))
  if (missing.length === 0) return
  const names = [...new Set(missing.map(([, name]) => name))]
  const how = mayInstall()
  if (how) {
    console.log(`Đang cài các gói Debian: ${names.join(', ')}…`)
    install(how, names)
  }
  for (const [sign, name, without] of missing) if (!isThere(sign)) console.log(`  Không có ${name}: ${without}.`)
}

/** @returns the words before a command of root's, or undefined where packages may not be installed */
function mayInstall() {
  if (!onPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  if (onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n']
  return undefined
}

/**
 * The suite and its tests run servers of their own (rspamd, redis, Dovecot); installing them must not start the
 * machine's. policy-rc.d is how Debian is told so; a shell puts it there and takes it away, also when it is interrupted.
 */
function install(how, names) {
  const script = `
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      trap 'rm -f $policy' EXIT
      trap 'exit 130' HUP INT TERM
      printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    for name; do shift; apt-cache show "$name" > /dev/null 2>&1 && set -- "$@" "$name"; done # those that this release has
    apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"`
  const [program, ...rest] = [...how, 'sh', '-c', script, 'sh', ...names]
  const r = spawnSync(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', timeout: 1_200_000 })
  if (r.status !== 0) console.log(`  apt-get không xong: ${(r.stderr ?? '').trim().split('\n').at(-1)}`)
}

/** @param sign a program's name, or the path of a file with `*` for the name of one folder */
function isThere(sign) {
  if (!sign.startsWith('/')) return onPath(sign)
  const [before, after] = sign.split('*')
  if (after === undefined) return existsSync(sign)
  return existsSync(before) && readdirSync(before).some((name) => existsSync(before + name + after))
}

function onPath(program) {
  // /usr/sbin is not on an ordinary user's PATH, but some of these programs live there
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
