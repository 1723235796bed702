/** A private OpenLDAP in a temporary folder, with StartTLS and some people; undefined when it is not installed. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Attribute, Change, Client } from 'ldapts'
import { selfSigned } from '#test/mailserver/selfsigned.ts'
import { until } from '#test/until.ts'

export const base = 'dc=haiduong,dc=gov,dc=vn'
export const reader = { dn: `cn=doc,${base}`, password: 'chi doc thoi' }
const root = { dn: `cn=goc,${base}`, password: 'goc' }

export type Slapd = Disposable & {
  url: string
  ca: string
  add(person: { uid: string; mail: string | string[]; name: string; password: string; title?: string }): Promise<void>
  setPassword(uid: string, password: string): Promise<void>
  remove(uid: string): Promise<void>
  /** it does not answer any more */
  stop(): Promise<void>
}

export async function startSlapd(): Promise<Slapd | undefined> {
  const program = '/usr/sbin/slapd'
  if (!existsSync(program)) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'slapd-'))
  mkdirSync(join(dir, 'db'))
  const { key, cert } = selfSigned(dir)
  writeFileSync(join(dir, 'k.pem'), key, { mode: 0o600 })
  writeFileSync(join(dir, 'c.pem'), cert)
  writeFileSync(
    join(dir, 'conf'),
    `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${dir}/pid
TLSCertificateFile ${dir}/c.pem
TLSCertificateKeyFile ${dir}/k.pem
database mdb
suffix "${base}"
rootdn "${root.dn}"
rootpw ${root.password}
directory ${dir}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${reader.dn}" read by anonymous auth by * none
`,
  )
  const port = await freePort()
  const url = `ldap://localhost:${port}`
  const server = spawn(program, ['-f', join(dir, 'conf'), '-h', `ldap://127.0.0.1:${port}`, '-d', '0'], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await until('slapd to listen', () => listens(port))

  async function asRoot(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url })
    await client.bind(root.dn, root.password)
    await work(client)
    await client.unbind()
  }
  const dnOf = (uid: string) => `uid=${uid},${base}`
  await asRoot(async (client) => {
    await client.add(base, { objectClass: ['dcObject', 'organization'], dc: 'haiduong', o: 'Hải Dương' })
    await client.add(reader.dn, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: 'doc',
      userPassword: reader.password,
    })
  })
  return {
    url,
    ca: join(dir, 'c.pem'),
    add: ({ uid, mail, name, password, title }) =>
      asRoot((client) =>
        client.add(dnOf(uid), {
          objectClass: ['inetOrgPerson'],
          uid,
          mail,
          cn: name,
          sn: name,
          displayName: name,
          userPassword: password,
          ...(title !== undefined && { title }),
        }),
      ),
    setPassword: (uid, password) =>
      asRoot((client) =>
        client.modify(dnOf(uid), [
          new Change({
            operation: 'replace',
            modification: new Attribute({ type: 'userPassword', values: [password] }),
          }),
        ]),
      ),
    remove: (uid) => asRoot((client) => client.del(dnOf(uid))),
    async stop() {
      server.kill()
      await ended
    },
    [Symbol.dispose]() {
      server.kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
