/** A real Thunderbird in an X server of its own, with an empty profile, driven by scripts in its main window. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '#test/until.ts'
import { Marionette } from './marionette.ts'

/** No first-run pages, no look-ups in the world, no questions. */
const preferences = {
  'marionette.port': 0,
  'app.update.enabled': false,
  'app.donation.eoy.version.viewed': 999,
  'browser.dom.window.dump.enabled': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
  'extensions.update.enabled': false,
  'mail.chat.enabled': false,
  'mail.inappnotifications.enabled': false,
  'mail.instrumentation.askUser': false,
  'mail.phishing.detection.enabled': false,
  'mail.provider.suppress_dialog_on_startup': true,
  'mail.rights.version': 1,
  'mail.server.default.check_new_mail': true,
  'mail.shell.checkDefaultClient': false,
  'mail.spotlight.firstRunDone': true,
  'mail.winsearch.firstRunDone': true,
  'mailnews.start_page.enabled': false,
  'mailnews.start_page_override.mstone': 'ignore',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
}

export const canRun = (): boolean =>
  ['thunderbird', 'Xvfb'].every((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })

export class Thunderbird implements AsyncDisposable {
  readonly #home: string
  readonly #children: ChildProcess[]
  readonly #marionette: Marionette

  private constructor(home: string, children: ChildProcess[], marionette: Marionette) {
    this.#home = home
    this.#children = children
    this.#marionette = marionette
  }

  static async start(): Promise<Thunderbird> {
    const home = mkdtempSync(join(tmpdir(), 'thunderbird-'))
    const profile = mkdtempSync(join(home, 'profile-'))
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    )
    writeFileSync(join(profile, 'user.js'), lines.join(''))
    const children: ChildProcess[] = []
    try {
      const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      children.push(server)
      let display = ''
      server.stdout.on('data', (chunk: Buffer) => (display += chunk.toString()))
      await until('the number of the display', () => display.endsWith('\n'))
      const args = ['--profile', profile, '--no-remote', '--marionette', '--remote-allow-system-access']
      const env = { ...process.env, HOME: home, DISPLAY: `:${display.trim()}`, MOZ_CRASHREPORTER_DISABLE: '1' }
      children.push(spawn('thunderbird', args, { env, stdio: 'ignore' }))
      const port = await until('Thunderbird to listen', () => portIn(profile), { timeoutMs: 60_000 })
      const marionette = await Marionette.open(port)
      return new Thunderbird(home, children, marionette)
    } catch (err) {
      end(children, home)
      throw err
    }
  }

  run<T>(body: string, ...args: unknown[]): Promise<T> {
    return this.#marionette.run<T>(body, ...args)
  }

  picture(): Promise<Buffer> {
    return this.#marionette.picture()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#marionette[Symbol.dispose]()
    await end(this.#children, this.#home)
  }
}

function portIn(profile: string): number | undefined {
  try {
    return Number(readFileSync(join(profile, 'MarionetteActivePort'), 'utf8')) || undefined
  } catch {
    return undefined // not written yet
  }
}

/** The program first, then its display. */
async function end(children: ChildProcess[], home: string): Promise<void> {
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
