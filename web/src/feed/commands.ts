// What a person does goes to the node by POST, each with a key of its own: sent twice, it is done once.
export interface Answer {
  ok: boolean;
  status: string;
  text: string;
}

export interface Session {
  person: string | null;
  peers: { nation: string; url: string }[];
}

/** Not randomUUID: that needs a secure context, which plain HTTP behind a proxy is not. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

async function post(path: string, body: unknown): Promise<Answer & { json?: unknown }> {
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

export function decide(product: string, decision: 'confirm' | 'withdraw', reason: string): Promise<Answer> {
  return post(`/api/v1/products/${product}/decision`, { decision, reason });
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

export function signIn(name: string): Promise<Answer> {
  return post('/api/v1/session', { name });
}

export function signOut(): Promise<Answer> {
  return post('/api/v1/session/end', {});
}
