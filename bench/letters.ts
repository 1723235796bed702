/** Letters of about 2 kB as an office gets them: usual words often, rare ones seldom, and numbers that stand nowhere else. */

/** Syllables of official Vietnamese, from which words come; their places decide how often. */
const syllables =
  'công văn số ngày tháng năm về việc kính gửi phòng ban sở ủy nhân dân tỉnh thành phố huyện xã báo cáo kế hoạch quyết định thông tư nghị hội đồng giấy phép xuất bản tin học đào tạo cán bộ tài chính ngân sách đầu tư xây dựng đất đai môi trường y tế giáo dục khoa nông nghiệp thủy lợi giao thông vận tải lao động thương binh xã nội vụ thanh tra kiểm tra hồ sơ thủ tục hành một cửa liên trả lời đề nghị xem xét phê duyệt trình ký ban hành triển khai thực hiện theo dõi tổng hợp'.split(
    ' ',
  )

/** Deterministic, so that stores of one size are equal. */
export class Dice {
  #state: number
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }
  /** [0, 1); xorshift32 */
  next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state / 2 ** 32
  }
  /** [0, n), small ones far more often */
  few(n: number): number {
    return Math.floor(n ** this.next()) - 1
  }
}

/** A word of the body: of some 7,000, the first far more often than the last. */
function word(dice: Dice): string {
  const at = dice.few(syllables.length * 64)
  const syllable = syllables[at % syllables.length]!
  const turn = Math.floor(at / syllables.length)
  return turn === 0 ? syllable : `${syllable}${syllables[(at * 7) % syllables.length]!.slice(0, 2)}${turn % 8}`
}

const words = (dice: Dice, count: number): string => Array.from({ length: count }, () => word(dice)).join(' ')

/** Every hundredth letter answers the one before it. @returns octets with CRLF */
export function letterOf(n: number, to: string): string {
  const dice = new Dice(n * 2654435761 + 12345)
  const code = `${n.toString(36)}x${Math.floor(dice.next() * 1e9).toString(36)}`
  return [
    `From: =?utf-8?B?${Buffer.from(`Người gửi ${n % 997}`).toString('base64')}?= <nguoi${n % 997}@example.org>`,
    `To: <${to}>`,
    `Subject: =?utf-8?B?${Buffer.from(`${n % 100 === 1 ? 'Re: ' : ''}${words(dice, 5)} ${code}`).toString('base64')}?=`,
    `Message-ID: <${code}@example.org>`,
    ...(n % 100 === 1 ? [`In-Reply-To: <r${n - 1}@example.org>`] : []),
    `Date: ${new Date(Date.UTC(2026, 0, 1) + n * 20_000).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...Array.from({ length: 18 }, () => words(dice, 14)),
    `Mã hồ sơ ${code}`,
    '',
  ].join('\r\n')
}
