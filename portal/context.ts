import type { Province } from '#config/province.ts'
import type { Settings } from '#config/settings.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import type { Hub } from '#kit/web/sse.ts'
import type { Sender } from './lodging/sender.ts'
import type { Follower } from './projection/follow.ts'
import type { Projection } from './projection/open.ts'
import type { Store } from './store/open.ts'

/** What the portal's pages are given; made once in `start.ts`. */
export type Context = {
  settings: Settings
  province: Province
  calendar: Calendar
  store: Store
  projection: Projection
  sender: Sender
  follower: Follower
  hub: Hub
  /** folder of uploads; a folder for each draft below it */
  uploads: string
  /** public address without a slash at the end */
  origin: string
  secure: boolean
  /** octets of all files of one application */
  maxAllBytes: number
  now: () => string
}
