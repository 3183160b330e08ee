/**
 * What registries say of a domain and of an address, by RDAP.
 *
 *     IANA's tables say which registry keeps what (RFC 9224) -> the registry is asked (RFC 9082) -> its answer is
 *     read (RFC 9083)
 *
 * Registries are asked politely: one question a second each, a domain or an address once a day, and one that asks for
 * patience is left alone for as long. Of people an answer may tell nothing is kept, only its SHA-256.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { AddressRegistration, DomainRegistration } from '../../domain/site-facts.ts';

/** Never rejects: what was not learned has an `error`. */
export interface Rdap {
  domain(name: string, get: Get): Promise<DomainRegistration>;
  address(ip: string, get: Get): Promise<AddressRegistration>;
}

/** How an address is asked for. */
export type Get = (url: URL) => Promise<{
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfterSeconds: number | null;
}>;

/** IANA's files `dns.json`, `ipv4.json` and `ipv6.json`, parsed (RFC 9224, section 3). */
export interface Bootstrap {
  readonly dns: Services;
  readonly ipv4: Services;
  readonly ipv6: Services;
}
export type Services = readonly (readonly [keys: readonly string[], addresses: readonly string[]])[];

export interface RdapOptions {
  /** Read once, when first needed; a failure is tried again with the next question. */
  readonly bootstrap: (get: Get) => Promise<Bootstrap>;
  readonly now?: () => Date;
  readonly sleep?: (seconds: number) => Promise<void>;
}

const PACE_MS = 1_000;
const KEPT_MS = 24 * 3600 * 1000;
/** Nothing learned is asked again sooner. */
const KEPT_FAILED_MS = 10 * 60 * 1000;
const MOST_KEPT = 10_000;
/** A question that would wait longer for its turn is not asked. */
const MOST_WAIT_MS = 5_000;
const REST_SECONDS = 60;

export function createRdap(options: RdapOptions): Rdap {
  const { now = () => new Date(), sleep = (s: number) => new Promise((done) => setTimeout(done, s * 1000)) } =
    options;
  let table: Promise<Bootstrap> | null = null;
  const kept = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();
  /** Registry -> when it may be asked again, milliseconds. */
  const nextAt = new Map<string, number>();

  async function ask(
    what: string,
    path: string,
    find: (it: Bootstrap) => string | null,
    get: Get,
  ): Promise<Answer> {
    const known = kept.get(what);
    if (known !== undefined && known.until > now().getTime()) return known.answer;
    const answer = askRegistry(path, find, get);
    kept.delete(what);
    kept.set(what, { until: now().getTime() + KEPT_MS, answer });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    const { error, isAsked } = await answer;
    if (!isAsked) kept.delete(what);
    else if (error !== null) kept.set(what, { until: now().getTime() + KEPT_FAILED_MS, answer });
    return answer;
  }

  async function askRegistry(
    path: string,
    find: (it: Bootstrap) => string | null,
    get: Get,
  ): Promise<Answer> {
    const failed = (source: string | null, error: string, isAsked = true): Answer => ({
      body: null,
      sha256: null,
      source,
      error,
      isAsked,
      at: now(),
    });
    let base: string | null;
    try {
      table ??= options.bootstrap(get);
      base = find(await table);
    } catch (cause) {
      table = null;
      return failed(null, `the table of registries could not be read: ${messageOf(cause)}`, false);
    }
    if (base === null) return failed(null, 'no registry with RDAP is known for it');
    const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
    const time = now().getTime();
    const turn = Math.max(time, nextAt.get(url.host) ?? 0);
    if (turn - time > MOST_WAIT_MS) return failed(url.href, 'the registry has no turn for it now', false);
    nextAt.set(url.host, turn + PACE_MS);
    if (turn > time) await sleep((turn - time) / 1000);
    try {
      const { status, body, retryAfterSeconds } = await get(url);
      if (status === 429 || status === 503) {
        const rests = (retryAfterSeconds ?? REST_SECONDS) * 1000;
        nextAt.set(url.host, Math.max(nextAt.get(url.host) ?? 0, now().getTime() + rests));
      }
      if (status === 404) return failed(url.href, 'the registry does not know it');
      if (status !== 200) return failed(url.href, `the registry answered ${status}`);
      const text = Buffer.from(body).toString('utf8');
      const parsed: unknown = JSON.parse(text);
      const sha256 = createHash('sha256').update(body).digest('hex');
      return { body: record(parsed), sha256, source: url.href, error: null, isAsked: true, at: now() };
    } catch (cause) {
      return failed(url.href, messageOf(cause));
    }
  }

  return {
    async domain(name, get) {
      const answer = await ask(
        `domain ${name}`,
        `domain/${encodeURIComponent(name)}`,
        ({ dns }) => serviceOf(dns, (key) => (isUnder(name, key) ? key.split('.').length : null)),
        get,
      );
      return { name, ...toldBy(answer), ...domainIn(answer.body ?? {}) };
    },
    async address(ip, get) {
      const is6 = isIP(ip) === 6;
      const answer = await ask(
        `ip ${ip}`,
        `ip/${ip}`,
        ({ ipv4, ipv6 }) => serviceOf(is6 ? ipv6 : ipv4, (key) => prefixLength(ip, key)),
        get,
      );
      return { address: ip, ...toldBy(answer), ...addressIn(answer.body ?? {}) };
    },
  };
}

/** The three files of a bootstrap, from wherever they are read. @throws for what is none of them. */
export async function readBootstrap(read: (name: string) => Promise<string>): Promise<Bootstrap> {
  const [dns, ipv4, ipv6] = await Promise.all(
    ['dns.json', 'ipv4.json', 'ipv6.json'].map(async (name) => {
      const { services } = record(JSON.parse(await read(name)));
      if (!Array.isArray(services)) throw new Error(`${name} holds no services`);
      return services as unknown as Services;
    }),
  );
  return { dns: dns!, ipv4: ipv4!, ipv6: ipv6! };
}

interface Answer {
  readonly body: Json | null;
  readonly sha256: string | null;
  readonly source: string | null;
  readonly error: string | null;
  /** False when nobody was asked: the next question may be. */
  readonly isAsked: boolean;
  readonly at: Date;
}
type Json = Readonly<Record<string, unknown>>;

function toldBy({ at, source, sha256, error }: Answer) {
  return { fetchedAt: at.toISOString(), source, answerSha256: sha256, error };
}

/** The service whose key fits best; by https where there is a choice (RFC 9224, section 3). */
function serviceOf(services: Services, lengthOf: (key: string) => number | null): string | null {
  let best: { readonly length: number; readonly addresses: readonly string[] } | null = null;
  for (const [keys, addresses] of services) {
    for (const key of keys) {
      const length = lengthOf(key);
      if (length !== null && (best === null || length > best.length)) best = { length, addresses };
    }
  }
  if (best === null) return null;
  return best.addresses.find((each) => each.startsWith('https:')) ?? best.addresses[0] ?? null;
}

function isUnder(name: string, suffix: string): boolean {
  const [own, key] = [name.toLowerCase(), suffix.toLowerCase()];
  return own === key || own.endsWith(`.${key}`);
}

/** Bits of a prefix such as `192.0.2.0/24` that holds the address; null for one that does not. */
function prefixLength(ip: string, prefix: string): number | null {
  const [network = '', length = ''] = prefix.split('/');
  const bits = Number(length);
  const [own, base] = [bitsOf(ip), bitsOf(network)];
  if (own === null || base === null || own.length !== base.length) return null;
  return own.slice(0, bits) === base.slice(0, bits) ? bits : null;
}

function bitsOf(ip: string): string | null {
  if (isIP(ip) === 4)
    return ip
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  if (isIP(ip) !== 6 || ip.includes('.')) return null;
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right]
    .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0'))
    .join('');
}

function domainIn(body: Json) {
  const registrar = entitiesIn(body).find(({ roles }) => roles.includes('registrar')) ?? null;
  const ids = registrar === null ? [] : arrayIn(registrar.body, 'publicIds').map(record);
  const nameServers = arrayIn(body, 'nameservers').map((each) => textIn(record(each), 'ldhName'));
  return {
    registrar: registrar === null ? null : cardIn(registrar.body, 'fn'),
    ianaId: ids.map((each) => textIn(each, 'identifier')).find((each) => each !== null) ?? null,
    createdAt: eventIn(body, 'registration'),
    expiresAt: eventIn(body, 'expiration'),
    status: arrayIn(body, 'status').filter((each) => typeof each === 'string'),
    nameServers: nameServers
      .filter((each) => each !== null)
      .map((each) => each.toLowerCase())
      .sort(),
    abuseEmail: abuseIn(body),
  };
}

function addressIn(body: Json) {
  const [first, last] = [textIn(body, 'startAddress'), textIn(body, 'endAddress')];
  const country = textIn(body, 'country')?.toUpperCase() ?? null;
  return {
    range: first === null || last === null ? null : `${first} - ${last}`,
    handle: textIn(body, 'handle'),
    name: textIn(body, 'name'),
    country: country !== null && /^[A-Z]{2}$/.test(country) ? country : null,
    abuseEmail: abuseIn(body),
  };
}

/** Entities, and those within them: a registrar's abuse desk stands inside the registrar. */
function entitiesIn(body: Json, depth = 0): { readonly roles: readonly unknown[]; readonly body: Json }[] {
  if (depth > 3) return [];
  return arrayIn(body, 'entities').flatMap((each) => {
    const own = record(each);
    return [{ roles: arrayIn(own, 'roles'), body: own }, ...entitiesIn(own, depth + 1)];
  });
}

function abuseIn(body: Json): string | null {
  const desk = entitiesIn(body).find(({ roles }) => roles.includes('abuse'));
  return desk === undefined ? null : cardIn(desk.body, 'email');
}

/** A property of a jCard (RFC 7095, section 3.3): `["fn", {}, "text", "Registrar"]`. */
function cardIn(entity: Json, name: string): string | null {
  const properties = arrayIn(entity, 'vcardArray')[1];
  if (!Array.isArray(properties)) return null;
  for (const property of properties as unknown[]) {
    if (!Array.isArray(property) || property[0] !== name) continue;
    const value: unknown = property[3];
    if (typeof value === 'string' && value !== '') return value.slice(0, 500);
  }
  return null;
}

function eventIn(body: Json, action: string): string | null {
  for (const each of arrayIn(body, 'events').map(record)) {
    if (textIn(each, 'eventAction') !== action) continue;
    const at = new Date(textIn(each, 'eventDate') ?? '');
    if (!Number.isNaN(at.getTime())) return at.toISOString();
  }
  return null;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function arrayIn(body: Json, name: string): readonly unknown[] {
  const value = body[name];
  return Array.isArray(value) ? value.slice(0, 100) : [];
}

function textIn(body: Json, name: string): string | null {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, 500) : null;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : String(cause).slice(0, 300);
}
