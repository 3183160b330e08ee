/**
 * What `REDIS_URL` says: one server, or Sentinels that know which of several servers is the master now.
 *
 *     redis://user:password@host:6379/0      rediss:// with TLS      unix:///run/redis.sock
 *     redis+sentinel://user:password@host-1:26379,host-2:26379,host-3/name/0?sentinelPassword=…
 *
 * `name` is the master's in the Sentinels' configuration. User and password before the hosts are the Redis servers';
 * Sentinels that ask for some have their own. `rediss+sentinel://` speaks TLS to both.
 */
/** As ioredis takes it. */
export interface SentinelAddress {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly tls?: object;
  readonly sentinelTLS?: object;
  readonly enableTLSForSentinelMode?: boolean;
}

export const REDIS_SCHEMES = ['redis:', 'rediss:', 'unix:'] as const;
const SENTINEL =
  /^redis(s?)\+sentinel:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/([^/?#]+)(?:\/(\d{1,3}))?(?:\?([^#]*))?$/;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i;
/** Where Sentinels listen unless told otherwise. */
const SENTINEL_PORT = 26_379;

/** What a client is made with to find the master by its Sentinels; null for an address that names none. */
export function sentinelOptions(text: string): SentinelAddress | null {
  const [, s, who, hosts, name, db, more] = SENTINEL.exec(text) ?? [];
  if (hosts === undefined || name === undefined) return null;
  const sentinels = hosts.split(',').map((host) => {
    const [, v6, plain, port] = HOST.exec(host) ?? [];
    return { host: v6 ?? plain ?? '', port: Number(port ?? SENTINEL_PORT) };
  });
  if (sentinels.some(({ host, port }) => host === '' || port < 1 || port > 65_535)) return null;
  const [user, password] = (who ?? '').split(':').map(plainly);
  const query = new URLSearchParams(more);
  const [sentinelUsername, sentinelPassword] = ['sentinelUsername', 'sentinelPassword'].map((key) =>
    query.get(key),
  );
  const tls = { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true };
  return {
    ...{ sentinels, name: plainly(name) },
    ...(s === 's' ? tls : {}),
    ...(user ? { username: user } : {}),
    ...(password ? { password } : {}),
    ...(db === undefined ? {} : { db: Number(db) }),
    ...(sentinelUsername ? { sentinelUsername } : {}),
    ...(sentinelPassword ? { sentinelPassword } : {}),
  };
}

/** May stand in `REDIS_URL`. */
export function isRedisAddress(text: string): boolean {
  if (sentinelOptions(text) !== null) return true;
  return URL.canParse(text) && (REDIS_SCHEMES as readonly string[]).includes(new URL(text).protocol);
}

function plainly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
