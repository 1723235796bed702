/** Waits for a condition; a test that hangs says what it waited for. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`)
    await soon()
  }
}

/** The pause between two looks at a condition. */
export const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 40))
