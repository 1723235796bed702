/** A private key and its certificate chain, PEM, for one host name. */
export type Pair = { name: string; key: string; cert: string }
