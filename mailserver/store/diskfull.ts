/**
 * Whether a job of the store failed for want of room on its disk: nothing of it was kept, and it may be tried again. It comes from a
 * file (ENOSPC, EDQUOT) or from SQLite, whose error has only its words left on the way from the writer's thread.
 */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '') ||
    error.message.includes('database or disk is full'))
