/** Gets one certificate by ACME (RFC 8555) with HTTP-01. The account's key is kept beside the certificates, one for each directory. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { ClientRequest } from 'node:http'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import acme from 'acme-client'
import { subsystem } from '#kit/log.ts'
import { Challenges } from './challenge.ts'
import { replace } from './files.ts'
import type { Pair } from './pair.ts'

const log = subsystem('acme')
/** Milliseconds for one request to the authority. */
const requestMs = 30_000
/** Octets of one answer: a chain of four certificates is 10 KB. */
const answerOctets = 1024 * 1024
/** How often the authority is asked whether it has looked: about four minutes in all. */
const polling = { backoffAttempts: 12, backoffMin: 1_000, backoffMax: 30_000 }

export type AcmeGiven = {
  /** URL of the directory */
  directory: string
  /** mail address for warnings of the authority; '' for none */
  contact: string
  /** file of PEM certificates that vouch for the authority's own HTTPS; '' for those of the system */
  ca: string
  /** where accounts' keys are kept */
  folder: string
  /** where challenges are answered */
  listen: { host: string; port: number }
}

/** @throws Error what the authority, or the network, said */
export async function order(name: string, given: AcmeGiven): Promise<Pair> {
  const agent = new Agent(given.ca === '' ? {} : { ca: readFileSync(given.ca) })
  try {
    await mustReach(given.directory, agent)
    return await obtain(name, given, agent)
  } catch (error) {
    // what the library makes of a connection that broke: it looks at the answer that never came
    if (error instanceof TypeError) throw new Error('the connection to the ACME authority was lost', { cause: error })
    throw error
  } finally {
    agent.destroy()
  }
}

/** The library hides why a connection failed. @throws Error with the reason */
function mustReach(directory: string, agent: Agent): Promise<void> {
  if (!directory.startsWith('https://') || !URL.canParse(directory))
    throw new Error(`CONGSO_ACME_DIRECTORY is "${directory}"; it must be an https address`)
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(new Error(`the ACME directory ${directory} cannot be reached: ${cause.message}`, { cause }))
    get(directory, { agent, timeout: requestMs }, (response) => {
      response.resume()
      resolve()
    })
      .on('timeout', function (this: ClientRequest) {
        this.destroy(new Error('no answer in time'))
      })
      .on('error', fail)
  })
}

async function obtain(name: string, given: AcmeGiven, agent: Agent): Promise<Pair> {
  const { defaults } = acme.axios
  defaults.timeout = requestMs
  defaults.maxContentLength = answerOctets
  defaults.httpsAgent = agent
  // its own retries wait for as long as the authority says, however long that is; ours are the keeper's
  Object.assign(defaults, {
    acmeSettings: { ...(defaults as { acmeSettings?: object }).acmeSettings, retryMaxAttempts: 0 },
  })
  const client = new acme.Client({ directoryUrl: given.directory, accountKey: await accountKey(given), ...polling })
  const [key, csr] = await acme.crypto.createCsr(
    { commonName: name, altNames: [name] },
    await acme.crypto.createPrivateEcdsaKey('P-256'),
  )
  await using challenges = await Challenges.listen(given.listen)
  log.info({ name, directory: given.directory }, 'certificate ordered')
  const cert = await client.auto({
    csr,
    ...(given.contact === '' ? {} : { email: given.contact }),
    termsOfServiceAgreed: true,
    challengePriority: ['http-01'],
    // from here the name may lead elsewhere; the authority's look is the one that counts
    skipChallengeVerification: true,
    challengeCreateFn: async (_, { token }, answer) => challenges.add(token, answer),
    challengeRemoveFn: async (_, { token }) => challenges.remove(token),
  })
  return { name, key: key.toString(), cert }
}

async function accountKey({ folder, directory }: AcmeGiven): Promise<Buffer> {
  const at = join(folder, 'acme')
  const file = join(at, `${createHash('sha256').update(directory).digest('hex').slice(0, 16)}.key.pem`)
  if (existsSync(file)) return readFileSync(file)
  const key = await acme.crypto.createPrivateEcdsaKey('P-256')
  mkdirSync(at, { recursive: true, mode: 0o700 })
  replace(file, key.toString()) // before the account exists: a key without an account is harmless
  return key
}
