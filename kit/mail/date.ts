const zone = { text: '+0700', ms: 7 * 3_600_000 }

/** A date-time of RFC 5322 §3.3 in the zone of Việt Nam: "Wed, 25 Nov 2026 10:04:00 +0700". @param at milliseconds since 1970 */
export const mailDate = (at: number): string => new Date(at + zone.ms).toUTCString().replace('GMT', zone.text)
