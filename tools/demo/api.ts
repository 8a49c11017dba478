/** A caller of the public API, as a program with a session or a token would be. */
export class Api {
  private readonly base: string;
  private cookie = '';
  private token = '';

  constructor(base: string) {
    this.base = base;
  }

  /** The same API in the name of a token. */
  withToken(token: string): Api {
    const api = new Api(this.base);
    api.token = token;
    return api;
  }

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(this.cookie && { Cookie: this.cookie }),
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (cookie) this.cookie = cookie;
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : {}) as T;
  }
}

/** Tries until there is an answer: what comes by an event or a mail takes a moment. */
export async function waitFor<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const found = await attempt();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come within 30 s.`);
}
