/** Somebody else who knows whether a password is right: a directory of the province (ldap.ts). */
export type PasswordJudge = {
  /** @throws Refusal 503 when nobody answers */
  fits(address: string, secret: string): Promise<boolean>
}

/** What stands in the place of a hash at accounts whose password the judge knows. */
export const directoryPassword = '{LDAP}'
