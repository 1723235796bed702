import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseJson } from '#config/lines.ts'
import { loadProvince, provinceFolder } from '#config/load.ts'

const real = provinceFolder('haiduong')

/** A copy of the real province in which the first `from` in a file is replaced; the copy is removed afterwards. */
function problemsOf(file: string, from: string | RegExp, to: string): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'province-')), 'haiduong')
  try {
    cpSync(real, dir, { recursive: true })
    const path = join(dir, file)
    const text = readFileSync(path, 'utf8')
    const changed = text.replace(from, () => to)
    if (changed === text) throw new Error(`nothing to replace in ${file}: ${from}`)
    writeFileSync(path, changed)
    loadProvince(dir)
    return ''
  } catch (err) {
    return (err as Error).message.replaceAll(`${dir}/`, '')
  } finally {
    rmSync(dir, { recursive: true })
  }
}

describe('config/load', () => {
  const province = loadProvince(real)

  it('loads Hải Dương: agencies with clerk, leader, head and officer, procedures, holidays', () => {
    expect(province.id).to.equal('haiduong')
    expect(province.agencies.length).to.be.at.least(35)
    for (const a of province.agencies) {
      const holders = (role: string) =>
        province.people.filter((p) =>
          p.holds.some((h) =>
            a.offices.some((o) => o.role === role && o.address === h.office && h.rights.includes('act')),
          ),
        )
      for (const role of ['clerk', 'leader', 'head']) expect(holders(role), `${a.id} ${role}`).to.not.be.empty
      expect(
        province.people.some((p) => p.agency === a.id && p.holds.length === 0),
        `${a.id} officer`,
      ).to.equal(true)
    }
    const clerk = province.people.find((p) => p.address === 'ha.tran@haiduong.gov.vn')!
    expect(clerk.name).to.equal('Trần Thị Hà')
    expect(clerk.holds.map((h) => [h.office, h.rights.join()])).to.deep.equal([
      ['motcua.stttt@haiduong.gov.vn', 'read,act,send'],
      ['motcua.stttt@haiduong.gov.vn', 'manage'],
      ['so.stttt@haiduong.gov.vn', 'read'],
    ])
    expect(province.procedures.filter((p) => p.versions.some((v) => v.lodge)).map((p) => p.code)).to.deep.equal([
      '1.009374',
    ])
    expect(new Set(province.people.filter((p) => p.demo).map((p) => p.agency)).size).to.equal(2)
  })

  const wrong: [what: string, file: string, from: string | RegExp, to: string, want: RegExp][] = [
    ['a syntax error', 'people.json', '"name"', 'name', /^people\.json:\d+: /],
    [
      'a key given twice',
      'province.json',
      '"place"',
      '"name": "x", "place"',
      /province\.json:\d+: "name" is given twice/,
    ],
    [
      'a missing field',
      'agencies.json',
      /"abbreviation": "UBND",/,
      '',
      /agencies\.json:\d+: \[0\]\.abbreviation: is missing/,
    ],
    [
      'an unknown field',
      'procedures/ban-tin.json',
      '"lodge": true',
      '"lodge": true, "fom": []',
      /ban-tin\.json:\d+: versions\[0\]\.fom: is not a field/,
    ],
    [
      'an address used twice',
      'people.json',
      'huong.do@haiduong',
      'ha.tran@haiduong',
      /people\.json:\d+: \[\d+\]\.address: ha\.tran@haiduong\.gov\.vn is already used at people\.json \d+\.address/,
    ],
    ['an address of another domain', 'people.json', 'huong.do@haiduong.gov.vn', 'huong.do@x.vn', /not in the domain/],
    ['a long local part', 'people.json', 'huong.do@', `${'a'.repeat(65)}@`, /more than 64 octets/],
    ['an address in capitals', 'people.json', 'huong.do@', 'Huong.Do@', /lower case/],
    [
      'an office that does not exist',
      'people.json',
      'phongbcxb.stttt@',
      'phongabc.stttt@',
      /holds\[0\]\.office: there is no office phongabc\.stttt/,
    ],
    ['an agency that does not exist', 'people.json', '"agency": "stttt"', '"agency": "st"', /there is no agency st/],
    [
      'a department that does not exist',
      'people.json',
      '"department": "bcxb"',
      '"department": "abc"',
      /stttt has no department abc/,
    ],
    [
      'acting as a register',
      'people.json',
      '"rights": ["read"]',
      '"rights": ["read", "act"]',
      /nobody may act or send as a register/,
    ],
    [
      'a day that is none',
      'holidays.json',
      '2026-01-01',
      '2026-02-30',
      /holidays\.json:\d+: holidays\[\d+\]\.date: 2026-02-30 is not a day/,
    ],
    [
      'an end before the beginning',
      'agencies.json',
      '"to": "2022-03-01"',
      '"to": "2015-03-01"',
      /2015-03-01 is not after from/,
    ],
    ['a swap on a weekday', 'holidays.json', '"2025-04-26"', '"2025-04-25"', /not a Saturday or Sunday/],
    ['a holiday that is worked', 'holidays.json', '"date": "2025-05-02"', '"date": "2025-04-26"', /also a day worked/],
    [
      'a field given twice',
      'procedures/ban-tin.json',
      '"name": "diaChi"',
      '"name": "tenCoQuan"',
      /field tenCoQuan is given twice/,
    ],
    [
      'a kind that is none',
      'procedures/ban-tin.json',
      '"kind": "cccd"',
      '"kind": "cmnd"',
      /kind: is "cmnd"; it must be one of/,
    ],
    [
      'a field that hangs on nothing',
      'procedures/ban-tin.json',
      '"is": "khac"',
      '"is": "kho"',
      /when: must name an earlier choice/,
    ],
    [
      'an applicant’s field that is none',
      'procedures/ban-tin.json',
      '"email": "thuDienTu"',
      '"email": "thu"',
      /applicant\.email: "thu" is not a required field/,
    ],
    [
      'no reason for not lodging',
      'procedures/to-cao.json',
      '"whyNot"',
      '"whynot"',
      /whyNot: is missing|whynot: is not a field/,
    ],
    ['text that is not NFC', 'province.json', 'Hải Dương', 'Hải Dương'.normalize('NFD'), /NFC/],
  ]
  for (const [what, file, from, to, want] of wrong)
    it(`names file, line and field: ${what}`, () => expect(problemsOf(file, from, to)).to.match(want))

  it('reports a missing folder in words', () =>
    expect(() => loadProvince('/nowhere')).to.throw(/province\.json:1: cannot be read/))

  it('finds the line of a value', () => {
    const { lineOf } = parseJson('{\n "a": [\n  1,\n  {"b": "x\\"\\n}"}\n ],\n "c": null }')
    expect(lineOf(['a', 1, 'b'])).to.equal(4)
    expect(lineOf(['c'])).to.equal(6)
    expect(lineOf(['a', 1, 'missing'])).to.equal(4)
  })
  it('does not recurse for ever', () =>
    expect(() => parseJson('['.repeat(5000) + ']'.repeat(5000))).to.throw(SyntaxError))
})
