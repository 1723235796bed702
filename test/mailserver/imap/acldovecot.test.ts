/** Rights beside those of Dovecot's acl plugin: the same letters in the lists, the same commands allowed with each of them. */
import { expect } from 'chai'
import { startDovecot } from './dovecot.ts'
import { an, type Client, ha, mail, startFixture } from './fixture.ts'

const plugin = `
mail_plugins = acl
mail_max_userip_connections = 50
protocol imap {
  mail_plugins = acl imap_acl
}
plugin {
  acl = vfile
  acl_shared_dict = file:%D/mail/shared.db
}
namespace inbox {
  inbox = yes
  separator = /
}
namespace {
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%D/mail/%%u
  subscriptions = no
  list = children
}
`
type Side = { owner: Client; guest: Client; guestName: string; shared: (path: string) => string }

/** Letters after the identifier, in one order. */
async function listed({ owner, guestName }: Side): Promise<string> {
  const answer = await owner.ok('GETACL B')
  const found = new RegExp(` "?(-?)${guestName}"? "?([a-z]+)"?`, 'g')
  return [...answer.matchAll(found)].map(([, sign, letters]) => `${sign}${[...letters!].sort().join('')}`).join(' ')
}

const status = (answer: string) => /^(OK|NO|BAD)( \[(?:NOPERM|READ-ONLY|READ-WRITE)\])?/m.exec(answer)?.[0] ?? answer

/** What a guest may do. Without EXPUNGE: Dovecot answers OK to who lacks e and removes nothing, RFC 4314 §4 wants a NO. */
const deeds: ((side: Side) => Promise<string>)[] = [
  ({ guest, shared }) => guest.command(`SELECT ${shared('B')}`),
  ({ guest, shared }) => guest.command(`STATUS ${shared('B')} (MESSAGES)`),
  ({ guest, shared }) => guest.append(shared('B'), mail('x')),
  ({ guest, shared }) => guest.command(`COPY 1 ${shared('B')}`),
  ({ guest, shared }) => guest.command(`CREATE ${shared('B/x')}`),
  ({ guest, shared }) => guest.command(`GETACL ${shared('B')}`),
]
const sets = ['l', 'lr', 'lrs', 'lrw', 'lrt', 'lri', 'lre', 'lrk', 'lra', 'lrswit', 'lrswipkxtea']

describe('IMAP: rights beside those of Dovecot', () => {
  it('lists, and what is allowed with each right', async function () {
    const dovecot = await startDovecot(plugin)
    if (!dovecot) return this.skip()
    const guests: Client[] = []
    // a new session for each set of rights: Dovecot's remembers those that it began with
    const another = async () => {
      const guest = await dovecot.another('v')
      guests.push(guest)
      return guest
    }
    try {
      await using f = await startFixture({ threads: 1 })
      const ours: Side = {
        owner: await f.as(an),
        guest: await f.as(ha),
        guestName: ha,
        shared: (path) => `"Ng&AbAe3Q-i kh&AOE-c/${an}/${path}"`,
      }
      const theirs: Side = {
        owner: dovecot.client,
        guest: await another(),
        guestName: 'v',
        shared: (path) => `shared/u/${path}`,
      }
      const different: string[] = []
      const compare = (what: string, [one, other]: readonly [string, string]) => {
        if (one !== other) different.push(`${what}: ours ${JSON.stringify(one)}, theirs ${JSON.stringify(other)}`)
      }
      const both = async (work: (side: Side) => Promise<string>) => [await work(ours), await work(theirs)] as const
      await both(({ owner }) => owner.ok('CREATE B'))
      await both(({ owner }) => owner.append('B', mail('Một')))
      for (const rights of ['lr', '+c', '-k', 'lrd', '-t', '+x', '-x', 'cd', 'lrswipkxtea', '-a', 'lrx', 'lrt']) {
        await both(({ owner, guestName }) => owner.ok(`SETACL B ${guestName} ${rights}`))
        compare(`GETACL after ${rights}`, await both(listed))
      }
      for (const wrong of ['LR', 'lrz'])
        compare(wrong, await both(async (s) => status(await s.owner.command(`SETACL B ${s.guestName} ${wrong}`))))
      for (const rights of sets) {
        await both(({ owner, guestName }) => owner.ok(`SETACL B ${guestName} ${rights}`))
        theirs.guest.destroy()
        theirs.guest = await another()
        compare(
          `MYRIGHTS with ${rights}`,
          await both(async (s) =>
            [...(/([a-z]+)"?\r\n/.exec(await s.guest.ok(`MYRIGHTS ${s.shared('B')}`))?.[1] ?? '')].sort().join(''),
          ),
        )
        for (const deed of deeds) compare(`${rights}: ${deed}`, await both(async (s) => status(await deed(s))))
        await both((s) => s.guest.command('UNSELECT'))
        await both((s) => s.owner.command('DELETE B/x'))
      }
      expect(different.join('\n')).to.equal('')
    } finally {
      for (const guest of guests) guest.destroy()
      dovecot.client.destroy()
      dovecot.stop()
    }
  })
})
