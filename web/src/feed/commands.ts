// What a person does goes to the node by POST, each with a key of its own: sent twice, it is done once.
export interface Answer {
  ok: boolean;
  status: string;
  text: string;
}

export type Role = 'viewer' | 'watch_officer' | 'release_authority' | 'administrator';

export interface Session {
  person: string | null;
  peers: { nation: string; url: string }[];
  role?: Role | null;
  accounts?: boolean;
  sign_in?: ('password' | 'certificate' | 'name')[];
  /** Idle too long: reading goes on, acting needs a new sign-in. */
  locked?: boolean;
}

export type Decision = 'confirm' | 'withdraw' | 'correct' | 'cancel' | 'keep';

/** Not randomUUID: that needs a secure context, which plain HTTP behind a proxy is not. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export async function post(path: string, body: unknown): Promise<Answer & { json?: unknown }> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': newKey() },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as { status?: string; text?: string };
    return { ok: response.ok, status: json.status ?? String(response.status), text: json.text ?? '', json };
  } catch {
    return { ok: false, status: 'offline', text: '' };
  }
}

/** `mode` is what the screen says; the node refuses what was meant for another. */
export function decide(product: string, decision: Decision, reason: string, mode: string): Promise<Answer> {
  return post(`/api/v1/products/${product}/decision`, { decision, reason, mode });
}

export function acknowledge(alarm: number): Promise<Answer> {
  return post(`/api/v1/alarms/${alarm}/acknowledge`, {});
}

export async function readSession(): Promise<Session | null> {
  try {
    const response = await fetch('/api/v1/session');
    return response.ok ? ((await response.json()) as Session) : null;
  } catch {
    return null;
  }
}

export function signIn(name: string, password?: string): Promise<Answer> {
  return post('/api/v1/session', password === undefined ? { name } : { name, password });
}

export function signInByCertificate(): Promise<Answer> {
  return post('/api/v1/session/certificate', {});
}

export function stayActive(): Promise<Answer> {
  return post('/api/v1/session/active', {});
}

export function signOut(): Promise<Answer> {
  return post('/api/v1/session/end', {});
}
