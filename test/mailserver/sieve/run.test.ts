import { expect } from 'chai'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { writeNotice } from '#mailserver/sieve/deliver/notify.ts'
import { MAX_STEPS } from '#mailserver/sieve/limits.ts'
import type { Act, Facts } from '#mailserver/sieve/run/facts.ts'
import { RunFault } from '#mailserver/sieve/run/facts.ts'
import { runScript } from '#mailserver/sieve/run/run.ts'
import { octets } from '#test/fixtures/sieve/messages.ts'
import { factsOf } from './facts.ts'

const program = (script: string) => {
  const checked = checkScript(script)
  if ('faults' in checked) throw new Error(checked.faults.map((f) => `${f.line}:${f.column} ${f.en}`).join('\n'))
  return checked.program
}
const run = (script: string, facts: Facts = factsOf(octets('plain')), others: Record<string, string> = {}) =>
  runScript(program(script), facts, (name) => (others[name] === undefined ? undefined : program(others[name]!)))
const acts = (...given: Parameters<typeof run>): string[] => run(...given).acts.map(tell)
const tell = (a: Act): string =>
  a.kind === 'file'
    ? a.mailbox
    : a.kind === 'redirect'
      ? `> ${a.to}`
      : a.kind === 'refuse'
        ? `! ${a.reason}`
        : a.kind === 'notify'
          ? `@ ${a.to.join()}`
          : `re ${a.to}`
const fault = (...given: Parameters<typeof run>): string => {
  try {
    run(...given)
  } catch (err) {
    if (err instanceof RunFault) return `${err.line} ${err.message}`
    throw err
  }
  return 'no fault'
}
const letter = (header: string, body = 'x'): Buffer =>
  Buffer.from(`${header.trim().replaceAll('\n', '\r\n')}\r\n\r\n${body}\r\n`)

describe('Sieve: mailboxes', () => {
  it('a mailbox that is missing is INBOX; :create makes it; special use finds its own', () => {
    expect(acts('require "fileinto"; fileinto "Nowhere";')).to.deep.equal(['INBOX'])
    expect(acts('require ["fileinto","mailbox"]; fileinto :create "Nowhere";')).to.deep.equal(['Nowhere'])
    expect(acts('require ["fileinto","special-use"]; fileinto :specialuse "\\\\Junk" "Work";')).to.deep.equal(['Junk'])
    expect(acts('require ["fileinto","special-use"]; fileinto :specialuse "\\\\Sent" "Work";')).to.deep.equal(['Work'])
  })
  it('mailboxexists and specialuse_exists', () => {
    expect(acts('require ["mailbox"]; if mailboxexists ["Work","inbox"] { discard; }')).to.deep.equal([])
    expect(acts('require ["mailbox"]; if mailboxexists ["Work","none"] { discard; }')).to.deep.equal(['INBOX'])
    expect(acts('require ["special-use"]; if specialuse_exists "\\\\junk" { discard; }')).to.deep.equal([])
    expect(acts('require ["special-use"]; if specialuse_exists "Work" "\\\\Junk" { discard; }')).to.deep.equal([
      'INBOX',
    ])
  })
})

describe('Sieve: Vietnamese', () => {
  it('i;unicode-casemap folds đ and Đ, tones too, and keeps letters apart', () => {
    const head = (t: string, k: string) =>
      acts(
        `require "comparator-i;unicode-casemap"; if header :contains :comparator "i;unicode-casemap" "subject" "${k}" { discard; }`,
        factsOf(letter(`From: a@b.example\nSubject: ${t}`)),
      )
    expect(head('BÁO CÁO ĐỀ ÁN', 'báo cáo đề')).to.deep.equal([])
    expect(head('Báo cáo', 'bao')).to.deep.equal(['INBOX'])
  })
  it('letters written apart (NFD) are the same letters', () => {
    expect(acts(`if header :contains "subject" "${'cáo quý'.normalize('NFD')}" { discard; }`)).to.deep.equal([])
  })
})

describe('Sieve: include', () => {
  const others = {
    one: 'require ["include","variables","fileinto"]; global "x"; set "x" "Work"; set "y" "no"; return; discard;',
    loop: 'require "include"; include "loop";',
    ping: 'require "include"; include "pong";',
    pong: 'require "include"; include "ping";',
    stopping: 'stop;',
    broken: 'require "include"; include :optional "none";',
  }
  it('shares globals, not others; return goes on in the caller', () => {
    expect(
      acts(
        'require ["include","variables","fileinto"]; global "x"; set "y" "mine"; include "one"; if string "${y}" "mine" { fileinto "${x}"; }',
        undefined,
        others,
      ),
    ).to.deep.equal(['Work'])
    expect(
      acts('require ["include","variables","fileinto"]; include "one"; fileinto "${global.x}";', undefined, others),
    ).to.deep.equal(['Work'])
  })
  it('stop ends all, :once runs once, :optional may be missing', () => {
    expect(acts('require "include"; include "stopping"; discard;', undefined, others)).to.deep.equal(['INBOX'])
    expect(
      acts('require "include"; include :optional "none"; include "broken"; discard;', undefined, others),
    ).to.deep.equal([])
    expect(fault('require "include"; include "none";', undefined, others)).to.contain('no sound script')
  })
  it('cycles are faults', () => {
    expect(fault('require "include"; include "loop";', undefined, others)).to.contain('includes itself')
    expect(fault('require "include"; include "ping";', undefined, others)).to.contain('includes itself')
  })
  it('a tree of includes is bounded', () => {
    const tree: Record<string, string> = {}
    for (let i = 0; i < 8; i++) tree[`s${i}`] = `require "include"; ${`include "s${i + 1}";`.repeat(4)}`
    tree['s8'] = 'keep;'
    expect(fault('require "include"; include "s0";', undefined, tree)).to.contain('too many included')
  })
})

describe('Sieve: duplicate', () => {
  it('asks for its key, and knows it the next time', () => {
    const first = run('require "duplicate"; if duplicate { discard; }')
    expect(first.acts.map(tell)).to.deep.equal(['INBOX'])
    const seen = first.asked.map((a) => a.key)
    expect(seen).to.have.length(1)
    expect(acts('require "duplicate"; if duplicate { discard; }', factsOf(octets('plain'), { seen }))).to.deep.equal([])
    expect(
      acts('require "duplicate"; if duplicate :handle "other" { discard; }', factsOf(octets('plain'), { seen })),
    ).to.deep.equal(['INBOX'])
  })
})

describe('Sieve: vacation answers people only (RFC 3834, RFC 5230)', () => {
  const away = 'require "vacation"; vacation :addresses "ha@old.example" "away";'
  const to = 'From: An <an@partner.example>\nTo: ha.tran@haiduong.gov.vn\nSubject: Hỏi\nMessage-ID: <q@p>'
  it('answers a letter to its owner, by any of the owner’s names', () => {
    expect(acts(away, factsOf(letter(to)))).to.include('re an@partner.example')
    expect(acts(away, factsOf(letter('From: a@b.example\nCc: HA.TRAN+x@haiduong.gov.vn')))).to.include(
      're an@partner.example',
    )
    expect(acts(away, factsOf(letter('From: a@b.example\nTo: x@y.example, Hà <ha@old.example>')))).to.include(
      're an@partner.example',
    )
  })
  for (const [why, header, more] of [
    ['the null sender', to, { from: '' }],
    ['its owner', to, { from: 'ha.tran@haiduong.gov.vn' }],
    ['another own address', to, { from: 'HA@old.example' }],
    ['a mail system', to, { from: 'MAILER-DAEMON@partner.example' }],
    ['a list’s bounce address', to, { from: 'staff-bounces@partner.example' }],
    ['no-reply', to, { from: 'no-reply@partner.example' }],
    ['a letter to others', 'From: a@b.example\nTo: staff@haiduong.gov.vn', {}],
    ['a list', `${to}\nList-Unsubscribe: <mailto:x@y.example>`, {}],
    ['Precedence: bulk', `${to}\nPrecedence: bulk`, {}],
    ['a machine', `${to}\nAuto-Submitted: auto-replied`, {}],
    ['who asks for none', `${to}\nX-Auto-Response-Suppress: DR, OOF`, {}],
    ['spam', `${to}\nX-Spam-Flag: YES`, {}],
    ['a report', `${to}\nContent-Type: multipart/report; report-type=delivery-status; boundary=x`, {}],
    ['an official act', `${to}\nCongSo-Kind: task.assign`, {}],
  ] as const)
    it(`is silent to ${why}`, () => {
      expect(acts(away, factsOf(letter(header), more))).to.deep.equal(['INBOX'])
    })
  it('Auto-Submitted: no is a person', () => {
    expect(acts(away, factsOf(letter(`${to}\nAuto-Submitted: no`)))).to.include('re an@partner.example')
  })
  it('names what it answers, and is another when its words are', () => {
    const one = run('require "vacation"; vacation "a";', factsOf(letter(`${to}\nReferences: <r@p>`))).acts[0]!
    const two = run('require "vacation"; vacation "b";', factsOf(letter(to))).acts[0]!
    if (one.kind !== 'reply' || two.kind !== 'reply') throw new Error('no reply')
    expect(one.inReplyTo).to.equal('<q@p>')
    expect(one.references).to.equal('<r@p> <q@p>')
    expect(one.subject).to.equal('Auto: Hỏi')
    expect(one.key).to.not.equal(two.key)
  })
  it('speaks as its owner only; days and seconds are bounded', () => {
    const reply = (script: string) => run(script, factsOf(letter(to))).acts.find((a) => a.kind === 'reply')
    expect(reply('require "vacation"; vacation :from "boss@haiduong.gov.vn" "a";')).to.deep.include({
      from: { address: 'ha.tran@haiduong.gov.vn', name: 'Trần Hà' },
    })
    expect(reply('require "vacation"; vacation :days 0 "a";')).to.deep.include({ seconds: 86_400 })
    expect(reply('require "vacation"; vacation :days 9999 "a";')).to.deep.include({ seconds: 90 * 86_400 })
    expect(reply('require "vacation-seconds"; vacation :seconds 0 "a";')).to.deep.include({ seconds: 60 })
  })
})

describe('Sieve: hostile scripts and letters', () => {
  it('doubling a variable ends at its limit', () => {
    const script = `require ["variables","fileinto"]; set "a" "0123456789"; ${'set "a" "${a}${a}";'.repeat(64)} if string :matches "\${a}" "*9" { discard; }`
    expect(acts(script)).to.have.length.at.most(1)
  })
  it('steps, actions, redirects and fields are bounded', () => {
    const many = Array.from({ length: 1999 }, (_, i) => `"k${i}"`).join(',')
    const bomb = `require "variables"; ${`if string [${many}] [${many.replaceAll('k', 'z')}] {}`}`
    expect(fault(bomb)).to.contain(`more than ${MAX_STEPS} steps`)
    expect(
      fault(
        'require ["fileinto","mailbox","variables"];' +
          Array.from({ length: 40 }, (_, i) => `fileinto :create "m${i}";`).join(''),
      ),
    ).to.contain('actions')
    expect(fault(Array.from({ length: 9 }, (_, i) => `redirect "m${i}@x.example";`).join(''))).to.contain('redirects')
    expect(fault(`require "editheader"; ${'addheader "X-A" "b";'.repeat(30)}`)).to.contain('fields')
  })
  it('patterns that hang other engines do not hang ours', () => {
    const started = performance.now()
    const long = letter(`Subject: ${'a'.repeat(60_000)}!`)
    fault('require "regex"; if header :regex "subject" "^(a+)+$" { discard; }', factsOf(long))
    fault('require "regex"; if header :regex "subject" "(a|aa)*b(.*a){9}" { discard; }', factsOf(long))
    fault(`if header :matches "subject" "${'*a'.repeat(200)}*b" { discard; }`, factsOf(long))
    expect(performance.now() - started).to.be.below(15_000)
  })
  it('a stranger’s text cannot make header lines, addresses or mailboxes', () => {
    const raw = letter(
      'Subject: =?utf-8?B?QQ0KQmNjOiBldmlsQHguZXhhbXBsZQ0KDQpib2R5?=\nFrom: an@partner.example\nTo: ha.tran@haiduong.gov.vn\nMessage-ID: <q@p>',
    )
    const caught =
      'require ["variables","editheader","fileinto","vacation","mailbox"]; if header :matches "subject" "*" { set "s" "${1}"; }'
    const edit = run(`${caught} addheader "X-Copy" "\${s}"; keep;`, factsOf(raw)).acts[0]!
    expect(edit.kind === 'file' && edit.header?.top).to.equal('X-Copy: A Bcc: evil@x.example body\r\n')
    const reply = run(`${caught} vacation :subject "\${s}" "x";`, factsOf(raw)).acts.find((a) => a.kind === 'reply')
    expect(reply?.kind === 'reply' && reply.subject).to.equal('A Bcc: evil@x.example body')
    expect(fault(`${caught} redirect "\${s}@x.example";`, factsOf(raw))).to.contain('not one mail address')
    expect(fault(`${caught} addheader "X-\${s}" "v";`, factsOf(raw))).to.contain('no name of a header field')
  })
  it('guarded fields stay as they are', () => {
    const r = run(
      'require "editheader"; addheader "Received" "x"; addheader "CongSo-Kind" "task.done"; deleteheader "From"; deleteheader "auto-submitted"; keep;',
    )
    expect(r.acts[0]).to.not.have.property('header')
  })
  it('an unknown extension behind ihave fails only when it is reached', () => {
    expect(acts('require "ihave"; if ihave "future" { future "x"; } else { discard; }')).to.deep.equal([])
    expect(fault('require "ihave"; if anyof(ihave "future", true) { future "x"; }')).to.contain('not supported')
  })
  it('a header of 500 KB and a body of 1 MB are looked at in time', () => {
    const started = performance.now()
    const raw = letter(`Subject: ${'é'.repeat(200_000)}\nFrom: a@b.example`, 'b'.repeat(1_000_000))
    acts(
      'require "body"; if anyof(header :contains "subject" "zzz", body :raw :contains "zzz", body :text :matches "*zzz*") { discard; }',
      factsOf(raw),
    )
    expect(performance.now() - started).to.be.below(15_000)
  })
})

describe('Sieve: parts, notifications and copies', () => {
  const require = 'require ["variables","mime","foreverypart","extracttext","enotify","vacation","fcc","fileinto"];'
  const many = (parts: number): Buffer =>
    letter(
      'From: a@b.example\nTo: ha.tran@haiduong.gov.vn\nContent-Type: multipart/mixed; boundary=q',
      `${Array.from({ length: parts }, (_, i) => `--q\r\nContent-Type: text/plain\r\n\r\n${i}\r\n`).join('')}--q--`,
    )
  it('a letter of thousands of parts costs steps, and no more', () => {
    expect(fault(`${require} foreverypart { foreverypart { keep; } }`, factsOf(many(10)))).to.equal('no fault')
    const loop = `${require} foreverypart { if header :mime :anychild :contains "content-type" "zzz" { discard; } }`
    expect(run(loop, factsOf(many(5_000))).steps).to.be.above(5_000)
    const nested = `${require} foreverypart { ${'if header :mime :anychild :contains ["content-type","x"] "zzz" { discard; } '.repeat(20)} }`
    expect(fault(nested, factsOf(many(9_000)))).to.match(/more than \d+ steps/)
  })
  it('parts in parts without end, and headers that are none, are walked within the limits', () => {
    const deep = letter(
      'From: a@b.example\nContent-Type: multipart/mixed; boundary=b0',
      Array.from(
        { length: 300 },
        (_, i) => `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`,
      ).join(''),
    )
    // each part is looked at with what lies in it: bounded, where 300 levels in full would be 45,000
    expect(run(`${require} foreverypart { extracttext "x"; }`, factsOf(deep)).steps).to.be.within(50, 6000)
    for (const odd of ['multipart/mixed; boundary=', 'multipart/mixed', '/', ';;;', '\0', 'text/plain; charset="\0"'])
      expect(
        acts(
          `${require} foreverypart { if header :mime :anychild :param "boundary" :matches "content-type" "*" { extracttext "x"; } }`,
          factsOf(letter(`From: a@b.example\nContent-Type: ${odd}`)),
        ),
        odd,
      ).to.deep.equal(['INBOX'])
  })
  it('extracttext is cut, and its variable behaves as others', () => {
    const long = factsOf(letter('From: a@b.example\nContent-Type: text/plain', 'đ'.repeat(200_000)))
    const { steps } = run(`${require} foreverypart { extracttext "x"; } if string :contains "x" "y" { discard; }`, long)
    expect(steps).to.be.below(200)
    expect(
      acts(
        `${require} foreverypart { extracttext :first 3 "x"; fileinto :copy "Nowhere"; }`.replace(':copy ', ''),
        long,
      ),
    ).to.deep.equal(['INBOX'])
  })
  it('no more than four people are notified of a letter', () => {
    const to = (n: number) => Array.from({ length: n }, (_, i) => `p${i}@b.example`).join(',')
    expect(acts(`${require} notify "mailto:${to(4)}";`)).to.have.length(2)
    expect(fault(`${require} notify "mailto:${to(5)}";`)).to.match(/more than 4 addresses/)
    expect(fault(`${require} notify "mailto:${to(3)}"; notify "mailto:x@b.example,y@b.example";`)).to.match(
      /more than 4/,
    )
    expect(fault(`${require} set "x" "no address"; notify "mailto:\${x}";`)).to.match(/is no mailto: URI/)
  })
  it('a stranger’s text in a notification ends no line, and another’s address is not ours', () => {
    const facts = factsOf(
      letter('From: "a\n b" <a@b.example>\nTo: ha.tran@haiduong.gov.vn\nSubject: x\n\tBcc: y@z.example'),
    )
    const [act] = run(
      `${require} notify :from "boss@haiduong.gov.vn" "mailto:c@d.example?subject=%0D%0ABcc:%20e@f.example";`,
      facts,
    ).acts
    if (act?.kind !== 'notify') throw new Error('no notification')
    expect(act.subject).to.equal('Bcc: e@f.example')
    expect(act.from.address).to.equal('ha.tran@haiduong.gov.vn')
    const raw = writeNotice(act, { domain: 'haiduong.gov.vn', owner: 'ha.tran@haiduong.gov.vn', at: 0 }).raw.toString()
    expect(raw.split('\r\n\r\n')[0]!.match(/^[A-Za-z-]+:/gm)).to.not.include('Bcc:')
  })
  it(':flags and :create of an answer want :fcc, which wants a name', () => {
    const wrong = (script: string) => {
      const checked = checkScript(`require ["vacation","fcc","mailbox","imap4flags","enotify"]; ${script}`)
      return 'faults' in checked ? checked.faults[0]!.en : ''
    }
    expect(wrong('vacation :create "x";')).to.equal(':create needs :fcc')
    expect(wrong('vacation :fcc "a//b" "x";')).to.match(/no name of a mailbox/)
    expect(wrong('vacation :fcc "Sent" :create :flags "\\\\Seen" "x";')).to.equal('')
    expect(wrong('notify :fcc "Sent" "mailto:a@b.example";')).to.equal('')
  })
})
