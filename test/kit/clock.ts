import { vi } from 'vitest';

/** Opens a gateway for which no time passes as far as the budgets of keys go: they get nothing back of what they spent. */
export async function withoutRestoring<T>(open: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    return await open();
  } finally {
    vi.useRealTimers();
  }
}
