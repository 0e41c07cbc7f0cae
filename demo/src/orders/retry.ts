const ATTEMPTS = 3;

/** PostgreSQL's codes for "try the whole transaction again": serialization failure and deadlock. */
const RETRYABLE = new Set(['40001', '40P01']);

/** Runs a transaction again when it lost a race. */
export async function withRetry<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (attempt === ATTEMPTS || code === undefined || !RETRYABLE.has(code)) throw error;
    }
  }
}
