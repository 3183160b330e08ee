/** Who asks the desk: officers at their queue, and a marketplace that has listings checked. */
import { Agent, request } from 'node:http';
import { seededRandom } from '../../classifiers/random.ts';
import { caseId, caseNumber } from '../../domain/case.ts';

export interface Asker {
  /** Does the next request and names its kind. @throws Error with the status where it was not answered well. */
  ask(n: number): Promise<string>;
}

/** Of ten requests four are a page of the queue and three a case; of the rest as many decide as take the next ones. Of three cases they confirm one. */
export function officers(url: string, cookies: readonly string[], cases: number): Asker {
  const send = sender(url);
  const random = seededRandom(7);
  const held = cookies.map(() => [] as string[]);
  // What is being decided is held until it is.
  const decided = new Set<string>();
  const labels = ['pyramid', 'phishing', 'fake_shop'];
  return {
    async ask(n) {
      const who = n % cookies.length;
      const headers = { cookie: cookies[who]!, origin: url };
      const dice = random();
      if (dice < 0.4) {
        const label = random() < 0.5 ? '' : `&label=${labels[Math.floor(random() * labels.length)]}`;
        await send('GET', `/api/queue?state=open&limit=30${label}`, headers);
        return 'a page of the queue';
      }
      if (dice < 0.7) {
        await send('GET', `/api/cases/${caseId(1 + Math.floor(random() * cases))}`, headers);
        return 'a case';
      }
      const mine = dice < 0.85 ? held[who]!.shift() : undefined;
      if (mine !== undefined) {
        decided.add(mine);
        const reason = 'Выплаты из взносов новых вкладчиков';
        const said =
          (caseNumber(mine) ?? 0) % 3 === 0
            ? { verdict: 'confirm', ground: 'KZ-CC-217', reason }
            : { verdict: 'dismiss', reason: 'Обычный магазин' };
        await send('POST', `/api/cases/${mine}/decision`, headers, said);
        return 'a decision';
      }
      const wanted = { state: 'open', lane: 'desk', want: 5 };
      const { claims } = JSON.parse(await send('POST', '/api/claims', headers, wanted)) as {
        claims: { caseId: string }[];
      };
      held[who] = claims.map((it) => it.caseId).filter((id) => !decided.has(id));
      return 'the next cases';
    },
  };
}

export interface Market extends Asker {
  /** Asks about a copy of that one of the known, and of no other. */
  readonly askAbout: Asker['ask'];
}

/** Half of what is placed is new, half is a copy of something that stands, a tenth of its words changed. */
export function marketplace(
  url: string,
  key: string,
  known: readonly { readonly title: string; readonly text: string }[],
): Market {
  const send = sender(url);
  const random = seededRandom(11);
  const words = known.flatMap(({ text }) => text.split(' '));
  const word = () => words[Math.floor(random() * words.length)]!;
  const changed = (text: string, share: number) =>
    text.replace(/\S+/g, (each) => (random() < share ? word() : each));
  const check = async (n: number, at: number, share: number) => {
    const it = known[at]!;
    const row = {
      ...{ title: changed(it.title, share), description: changed(it.text, share), price: 250_000 },
      ...{ currency: 'KZT', category: 'phones', city: 'Алматы', sellerId: `asked-${n}` },
    };
    await send('POST', '/v1/listings/check', { authorization: `Bearer ${key}` }, row);
    return 'a check';
  };
  return {
    ask: (n) => check(n, Math.floor(random() * known.length), random() < 0.5 ? 0.1 : 1),
    askAbout: (n) => check(n, n % known.length, 0.1),
  };
}

type Send = (
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
) => Promise<string>;

function sender(url: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  return (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const bytes = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(
        new URL(path, url),
        {
          ...{ method, agent },
          headers: { ...headers, ...(bytes === undefined ? {} : { 'content-type': 'application/json' }) },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (piece: string) => {
            text += piece;
          });
          answer.on('error', reject);
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(text);
            else
              reject(
                new Error(`${method} ${path.split(/[?\d]/)[0]} ${answer.statusCode} ${text.slice(0, 90)}`),
              );
          });
        },
      );
      sent.on('error', reject);
      sent.end(bytes);
    });
}
