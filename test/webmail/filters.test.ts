import { expect } from 'chai'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { runScript } from '#mailserver/sieve/run/run.ts'
import { factsOf } from '#test/mailserver/sieve/facts.ts'
import { readAway, readRule } from '#webmail/filters/form.ts'
import { type Filters, type Rule, readScript, writeScript } from '#webmail/filters/rules.ts'

const rule: Rule = {
  name: 'Báo cáo "quý"',
  on: true,
  match: 'any',
  conditions: [
    { of: 'from', text: 'Phòng "KH\\TC"' },
    { of: 'subject', text: 'ĐỀ ÁN' },
    { of: 'larger', mb: 5 },
    { of: 'attachment' },
  ],
  move: 'Việc/2026',
  copy: 'Archive',
  flag: true,
  read: true,
  forward: 'lan.pham@haiduong.gov.vn',
  last: true,
}
const all: Filters = {
  rules: [
    rule,
    { name: 'x', on: false, match: 'all', conditions: [{ of: 'to', text: 'y\nz"; discard; "' }], move: 'Work' },
  ],
  away: { on: true, from: '2026-11-20', to: '2026-11-30', subject: 'Đi công tác', text: 'Tôi đi vắng.\r\n.\r\n"Kính"' },
}
const letter = (subject: string, more = '') =>
  Buffer.from(
    `From: An <an@partner.example>\r\nTo: ha.tran@haiduong.gov.vn\r\nSubject: ${subject}\r\nMessage-ID: <a@b>\r\n${more}\r\nx\r\n`,
  )
const acts = (filters: Filters, raw: Buffer, now = '2026-11-25') => {
  const checked = checkScript(writeScript(filters))
  if ('faults' in checked) throw new Error(checked.faults[0]!.en)
  const mailboxes = ['INBOX', 'Việc/2026', 'Archive', 'Work'].map((path) => ({ path }))
  return runScript(checked.program, { ...factsOf(raw), now: Date.parse(`${now}T03:00:00Z`), mailboxes }).acts
}

describe('webmail: filters', () => {
  it('rules and the reply are written as a sound script, and read from it again', () => {
    expect(checkScript(writeScript(all))).to.have.property('program')
    expect(readScript(writeScript(all))).to.deep.equal(all)
    expect(readScript(writeScript(all).replaceAll('\r\n', '\n'))).to.deep.equal(all)
    expect(readScript(writeScript({ rules: [] }))).to.deep.equal({ rules: [] })
  })

  it('a script changed by hand is not taken for ours', () => {
    const text = writeScript(all)
    expect(readScript(text.replace('fileinto "Việc/2026"', 'fileinto "Khác"'))).to.equal(undefined)
    expect(readScript(`${text}keep;\r\n`)).to.equal(undefined)
    expect(readScript(text.replace('"last":true', '"last":false'))).to.equal(undefined)
    expect(readScript('keep;')).to.equal(undefined)
    for (const odd of ['#: {', '#: {"rule":5}', '#: {"rule":{}}', '#: {"away":{"text":1}}', '#: null'])
      expect(readScript(`${odd}\r\nkeep;`)).to.equal(undefined)
  })

  it('does what the form says', () => {
    const done = acts(all, letter('đề án chuyển đổi số'))
    expect(done.map((a) => a.kind)).to.have.members(['reply', 'redirect', 'file', 'file'])
    const filed = done.filter((a) => a.kind === 'file')
    expect(filed.map((a) => a.mailbox)).to.deep.equal(['Archive', 'Việc/2026'])
    expect(filed[1]!.flags).to.have.members(['\\Flagged', '\\Seen'])
    expect(acts(all, letter('khác'), '2026-12-02').map((a) => a.kind === 'file' && a.mailbox)).to.deep.equal(['INBOX'])
    const reply = acts(all, letter('khác')).find((a) => a.kind === 'reply')
    expect(reply?.kind === 'reply' && reply.body).to.equal(all.away!.text)
    const withFile = letter('k', 'Content-Type: multipart/mixed; boundary=x\r\n')
    expect(acts({ rules: [rule] }, withFile).length).to.be.greaterThan(1)
  })

  it('what people type cannot leave its string', () => {
    const evil = '"; discard; #\r\n}\r\n#: {"rule":{}}'
    const filters: Filters = {
      rules: [{ ...rule, name: evil, conditions: [{ of: 'subject', text: evil }] }],
      away: { on: true, subject: evil, text: evil },
    }
    expect(acts(filters, letter('x')).map((a) => a.kind)).to.deep.equal(['reply', 'file'])
    expect(readScript(writeScript(filters))).to.deep.equal(filters)
  })

  it('the forms say beside the field what is wrong', () => {
    const folders = ['Work']
    const fields = (
      body: Record<string, string | string[]>,
      read: (b: typeof body) => unknown = (b) => readRule(b, folders),
    ) => {
      try {
        read(body)
      } catch (err) {
        return Object.keys((err as { fields: object }).fields)
      }
      return []
    }
    expect(fields({ khi: 'nguoi-gui', chu: '', chuyen: 'Work' })).to.deep.equal(['khi'])
    expect(fields({ khi: 'lon-hon', chu: 'hai', chuyen: 'Work' })).to.deep.equal(['khi'])
    expect(fields({ khi: 'nguoi-gui', chu: 'x', chuyen: 'Gone' })).to.deep.equal(['chuyen'])
    expect(fields({ khi: 'nguoi-gui', chu: 'x' })).to.deep.equal(['chuyen'])
    expect(fields({ khi: 'nguoi-gui', chu: 'x', 'gui-cho': 'a b' })).to.deep.equal(['gui-cho'])
    expect(fields({ khi: ['nguoi-gui', ''], chu: ['x', ''], chuyen: 'Work' })).to.deep.equal([])
    expect(fields({ bat: '1', loi: '' }, readAway)).to.deep.equal(['loi'])
    expect(fields({ bat: '1', loi: 'x', tu: '5/5' }, readAway)).to.deep.equal(['tu'])
    expect(fields({ bat: '1', loi: 'x', tu: '30/11/2026', den: '01/11/2026' }, readAway)).to.deep.equal(['den'])
  })
})
