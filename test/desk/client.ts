/** Talks to a desk as a browser's page or a program with a session would, without following redirects. */
import type { Desk } from '../../desk/server.ts';
import { PASSWORD } from './house.ts';

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  form(path: string, fields: Record<string, string>): Promise<Response>;
  /** `name=value` of the session's cookie; '' before the log-in. */
  readonly cookie: string;
}

export function client(desk: Pick<Desk, 'url'>): Client {
  let cookie = '';
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: BodyInit) => {
    const answer = await patiently(desk.url + path, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    for (const set of answer.headers.getSetCookie()) {
      const pair = set.split(';')[0]!;
      if (pair.includes('kuzet_session')) cookie = pair.endsWith('=') ? '' : pair;
    }
    return answer;
  };
  const own = { origin: desk.url };
  return {
    get: (path, headers = {}) => ask('GET', path, headers),
    json: (method, path, body, headers = {}) =>
      ask(
        method,
        path,
        { ...own, 'content-type': 'application/json', ...headers },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    form: (path, fields) => ask('POST', path, own, new URLSearchParams(fields)),
    get cookie() {
      return cookie;
    },
  };
}

/** Once more where the desk had just closed a connection that stood idle. */
async function patiently(url: string, asked: RequestInit): Promise<Response> {
  try {
    return await fetch(url, asked);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code !== 'ECONNRESET') throw error;
    return fetch(url, asked);
  }
}

export async function loggedIn(desk: Pick<Desk, 'url'>, login: string): Promise<Client> {
  const it = client(desk);
  const answer = await it.json('POST', '/api/session', { login, password: PASSWORD });
  if (answer.status !== 200) throw new Error(`${login} could not log in: ${await answer.text()}`);
  return it;
}

/** Status and error code of an answer of the API, e.g. `409 same_officer`. */
export async function refusal(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: { code: string } };
  return `${answer.status} ${error?.code ?? '—'}`;
}
