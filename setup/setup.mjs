/**
 * What `npm start` and `npm test` do first, on whatever Node the machine has (20 or later): plain JavaScript,
 * no packages. Installs the npm packages when they are missing or the lock file changed, and, where it may,
 * the Debian packages that the suite or its tests use. What cannot be installed is said in plain words, and is off.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const purpose = process.argv[2] ?? 'start'

/** program looked for on PATH → Debian package that brings it, and what is missing without it */
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
  ['mutt', 'mutt', 'kiểm thử IMAP bằng mutt'],
  ['thunderbird', 'thunderbird', 'kiểm thử bằng Thunderbird'],
  ['Xvfb', 'xvfb', 'kiểm thử bằng Thunderbird (không có màn hình)'],
  ['offlineimap', 'offlineimap3', 'kiểm thử IMAP bằng offlineimap'],
  ['python3', 'python3', 'kiểm thử IMAP bằng imaplib'],
  ['openssl', 'openssl', 'kiểm thử TLS'],
  ['sieve-test', 'dovecot-sieve', 'so sánh bộ lọc thư với Pigeonhole (Sieve compared with Pigeonhole)'],
  ['sieve-connect', 'sieve-connect', 'kiểm thử ManageSieve bằng sieve-connect'],
  ['gsasl', 'gsasl', 'kiểm thử đăng nhập SCRAM bằng GNU SASL'],
  ['pebble', 'pebble', 'kiểm thử chứng thư ACME bằng Pebble'],
  ['fetchmail', 'fetchmail', 'kiểm thử POP3 bằng fetchmail'],
  ['getmail', 'getmail6', 'kiểm thử POP3 bằng getmail'],
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
  // No package here needs an install script; Haraka's optional native add-ons are left uncompiled on purpose.
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
  const missing = list.filter(([program]) => !onPath(program))
  if (missing.length === 0) return
  const names = [...new Set(missing.map(([, name]) => name))]
  const how = mayInstall()
  if (how) {
    console.log(`Đang cài các gói Debian: ${names.join(', ')}…`)
    const quiet = keepServicesStopped(how)
    try {
      apt(how, ['update', '-q'])
      apt(how, ['install', '-y', '-q', '--no-install-recommends', ...names])
    } finally {
      quiet()
    }
  }
  for (const [program, name, without] of missing) if (!onPath(program)) console.log(`  Không có ${name}: ${without}.`)
}

/** @returns the words before apt-get, or undefined where packages may not be installed */
function mayInstall() {
  if (!onPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  if (onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n']
  return undefined
}

function apt(how, args) {
  const [program, ...rest] = [...how, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
  const r = spawnSync(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', timeout: 600_000 })
  if (r.status !== 0) console.log(`  apt-get ${args[0]} không xong: ${(r.stderr ?? '').trim().split('\n').at(-1)}`)
}

/** The suite runs its own private rspamd and redis; installing them must not start the machine's. */
function keepServicesStopped(how) {
  const file = '/usr/sbin/policy-rc.d'
  if (how.length > 0 || existsSync(file)) return () => undefined
  writeFileSync(file, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return () => rmSync(file, { force: true })
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
