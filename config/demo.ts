import type { Province } from '#config/province.ts'
import type { Directory } from '#kit/directory/calls.ts'

export type DemoPerson = { address: string; password: string; role: string }

/** One password for all, since the demonstration listens on loopback only; production has no demonstration. */
const password = 'CongSo@2026'
export const demoPeople: readonly DemoPerson[] = [
  { address: 'ha.tran@haiduong.gov.vn', password, role: 'văn thư, Bộ phận Một cửa Sở TT-TT' },
  { address: 'lan.pham@haiduong.gov.vn', password, role: 'trưởng phòng Báo chí - Xuất bản' },
  { address: 'an.nguyen@haiduong.gov.vn', password, role: 'chuyên viên' },
  { address: 'minh.le@haiduong.gov.vn', password, role: 'lãnh đạo Sở TT-TT' },
  { address: 'tam.mac@haiduong.gov.vn', password, role: 'quản trị hệ thống' },
]

/** Brings a new data folder to what the province data says. Safe to repeat: it adds what is missing, removes nothing. */
export async function seedDemonstration(given: {
  directory: Directory
  province: Province
  withPasswords: boolean
}): Promise<void> {
  const passwords = given.withPasswords ? Object.fromEntries(demoPeople.map((p) => [p.address, p.password])) : {}
  await given.directory['provision']({ province: given.province, passwords })
  if (given.withPasswords) await grantAdministration(given.directory, given.province)
}

/** The administrators' mailbox comes with the province; who opens it is each province's own decision, but somebody must in a demonstration. */
async function grantAdministration(directory: Directory, province: Province): Promise<void> {
  const person = 'tam.mac@haiduong.gov.vn'
  const office = `quantri@${province.domain}`
  if (!province.people.some((p) => p.address === person)) return
  const { grants } = await directory['directory.grants']({ office, all: true })
  if (grants.some((g) => g.person === person)) return
  const from = new Date().toISOString()
  await directory['grant.add']({ person, office, rights: ['read', 'act', 'send'], from })
}
