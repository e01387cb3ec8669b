// What the pages ask for: one answer at a time, the newest question wins; a failure is said, and what was there stays.
import type { Answer } from './commands';

export class Asked<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<Answer | null>(null);
  /** When the value came, ms of this computer's clock. */
  at_ms = $state(0);
  loading = $state(false);
  private turn = 0;

  /** As ask, but never before the last answer has come: for asking again and again. */
  async again(path: string): Promise<T | null> {
    return this.loading ? null : this.ask(path);
  }

  async ask(path: string): Promise<T | null> {
    const turn = ++this.turn;
    this.loading = true;
    let value: T | null = null;
    let error: Answer | null = null;
    try {
      const response = await fetch(path, { headers: { Accept: 'application/json' } });
      const json: unknown = await response.json().catch(() => ({}));
      if (response.ok) value = json as T;
      else error = { ok: false, status: String(response.status), ...(json as object) } as Answer;
    } catch {
      error = { ok: false, status: 'offline', text: '' };
    }
    if (turn !== this.turn) return null;
    this.loading = false;
    this.error = error;
    if (value !== null) {
      this.value = value;
      this.at_ms = Date.now();
    }
    return value;
  }
}

/** A query string of what is set. */
export function query(path: string, fields: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(fields).filter(([, v]) => v !== null && v !== undefined && v !== '');
  return set.length === 0 ? path : `${path}?${set.map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`).join('&')}`;
}
