/** Limits that hold for IMAP and POP3 together, each with its reason. What belongs to one protocol is named in its own folder. */

/**
 * Connections of the whole process; the next one is told so and closed. A mail program holds up to five, a phone one or two: this is two
 * thousand officials at work. Measured idle at 16 kB each, under TLS 66 kB (bench/connections.ts), so all of them are some 700 MB. Fewer where
 * the system gives this process fewer file descriptors (descriptors.ts).
 */
export const maxConnections = 10_000
/** Of these not yet signed in, so that strangers cannot take every place. */
export const maxConnectionsBeforeLogin = 400
/** Refused sign-ins on one connection, then it ends. */
export const maxSignIns = 5
/** Milliseconds to sign in. */
export const beforeLoginMs = 60_000
/** Of these, from one address: half of the places, so that no single machine takes them all. Our own processes, on 127.0.0.1, are not counted. */
export const maxStrangersOfAddress = maxConnectionsBeforeLogin / 2
/** Milliseconds that an answer may wait for a client to take a bit more of it; a line of 100 octets a second still gets on. */
export const unreadMs = 10 * 60_000
/** Milliseconds that a line may take to arrive, once it has begun; nobody types it. */
export const lineMs = 5 * 60_000
/** Milliseconds between looks at time-outs and withdrawn rights (must end within 60 s). */
export const sweepMs = 15_000
/** Milliseconds that one session may compute before the others get their turn. */
export const sliceMs = 4
/** Octets read ahead from a client whose earlier command still runs. */
export const readAhead = 64 * 1024
/** Octets of answers gathered before they go to the socket in one write. */
export const writeChunk = 64 * 1024
