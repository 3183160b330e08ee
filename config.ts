/**
 * Configuration: read once, here, from the environment. Every variable has a default with which
 * `npm ci` alone is enough.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type TimeOfDay, timeOfDay } from './domain/plan.ts';
import { PERIODS, type Periods, readPeriods } from './domain/retention.ts';
import { bucketPlace } from './evidence/bucket.ts';
import { isRedisAddress } from './queues/redis-address.ts';

const empty = (value: unknown) => (value === '' ? undefined : value);
const url = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    message: `must be an address that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });
const urls = (schemes: readonly string[]) =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
    .pipe(z.array(url(schemes)));
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    more.length === 0 && (bits === undefined ? most > 0 : /^\d{1,3}$/.test(bits) && Number(bits) <= most)
  );
}

/** name in the environment -> what it must be. The README's table is kept equal to this by a test. */
const VARIABLES = z.object({
  KUZET_HOME: z.preprocess(empty, z.string().default('.kuzet')),
  DATABASE_URL: z.preprocess(empty, url(['postgres:', 'postgresql:']).optional()),
  REDIS_URL: z.preprocess(
    empty,
    z
      .string()
      .refine(isRedisAddress, {
        message: 'must be an address such as redis://host:6379 or redis+sentinel://host-1,host-2,host-3/name',
      })
      .optional(),
  ),
  CHROMIUM: z.preprocess(empty, z.string().optional()),
  CHROMIUM_EVIDENCE: z.preprocess(empty, z.string().optional()),
  KUZET_HOST: z.preprocess(empty, z.string().default('127.0.0.1')),
  KUZET_PORT: z.preprocess(empty, count(0, 65535).default(7070)),
  KUZET_PUBLIC_URL: z.preprocess(empty, url(['https:', 'http:']).optional()),
  KUZET_TRUST_PROXY: z.preprocess(
    empty,
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
      .refine((each) => each.every(isNetwork), {
        message: 'must be addresses or networks such as 192.0.2.0/24',
      })
      .default([]),
  ),
  KUZET_ORG: z.preprocess(
    empty,
    z
      .string()
      .regex(/^[A-Z0-9]{2,16}$/, 'must be 2 to 16 capital Latin letters or digits')
      .default('EXAMPLE'),
  ),
  KUZET_CONTACT: z.preprocess(empty, url(['https:', 'http:', 'mailto:']).optional()),
  KUZET_TSA: z.preprocess(empty, urls(['https:', 'http:']).default([])),
  KUZET_TRUST: z.preprocess(empty, z.string().optional()),
  KUZET_SIGN_KEY: z.preprocess(empty, z.string().optional()),
  KUZET_SIGN_CERT: z.preprocess(empty, z.string().optional()),
  KUZET_NCANODE_URL: z.preprocess(empty, url(['https:', 'http:']).optional()),
  KUZET_SIGN_PASSWORD: z.preprocess(empty, z.string().optional()),
  KUZET_REFER_AT: z.preprocess(
    empty,
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
      .refine((each) => each.every((text) => timeOfDay(text) !== null), {
        message: 'must be times such as 09:00 and 16:30',
      })
      .default([]),
  ),
  KUZET_REFER_BY: z.preprocess(empty, z.string().optional()),
  KUZET_REFER_TO: z.preprocess(empty, z.string().optional()),
  KUZET_SFTP_HOST_KEY: z.preprocess(
    empty,
    z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be SHA256: and 43 characters, as ssh-keygen -l prints it')
      .optional(),
  ),
  KUZET_SFTP_KEY: z.preprocess(empty, z.string().optional()),
  KUZET_SFTP_PASSWORD: z.preprocess(empty, z.string().optional()),
  KUZET_SMARTBRIDGE_SERVICE: z.preprocess(empty, z.string().optional()),
  KUZET_SMARTBRIDGE_SENDER: z.preprocess(empty, z.string().optional()),
  KUZET_SMARTBRIDGE_PASSWORD: z.preprocess(empty, z.string().optional()),
  KUZET_SMARTBRIDGE_ROUTE: z.preprocess(empty, z.string().optional()),
  KUZET_HOOKS: z.preprocess(
    empty,
    z
      .string()
      .regex(
        /^[^=\s,]+=[^=\s,]+:\d+(?:[\s,]+[^=\s,]+=[^=\s,]+:\d+)*$/,
        'must be pairs of the form name=address:port',
      )
      .optional(),
  ),
  KUZET_NETWORKS: z.preprocess(empty, z.string().optional()),
  KUZET_POPULAR: z.preprocess(empty, z.string().optional()),
  KUZET_RDAP: z.preprocess(empty, z.string().optional()),
  KUZET_EGRESS: z.preprocess(
    empty,
    z
      .string()
      .refine((text) => isIP(text) !== 0, { message: 'must be an IP address' })
      .optional(),
  ),
  KUZET_KZ_PROXY: z.preprocess(empty, url(['http:', 'socks5:', 'socks5h:']).optional()),
  KUZET_WEBHOOK_URL: z.preprocess(empty, url(['https:', 'http:']).optional()),
  KUZET_WEBHOOK_SECRET: z.preprocess(
    empty,
    z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/=]{24,}$/, 'must be whsec_ and at least 24 characters of base64')
      .optional(),
  ),
  KUZET_MAIL_URL: z.preprocess(empty, url(['smtp:', 'smtps:']).optional()),
  KUZET_MAIL_FROM: z.preprocess(empty, z.string().includes('@').optional()),
  KUZET_MAIL_TO: z.preprocess(
    empty,
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
      .pipe(z.array(z.string().includes('@')))
      .default([]),
  ),
  KUZET_HOSTS_AT_ONCE: z.preprocess(empty, count(1, 1024).default(16)),
  KUZET_RENDERS_AT_ONCE: z.preprocess(empty, count(1, 64).default(Math.min(2, availableParallelism()))),
  KUZET_EVIDENCE: z.preprocess(
    empty,
    z
      .string()
      .refine((text) => !/^[a-z][a-z0-9+.-]+:\/\//.test(text) || bucketPlace(text) !== null, {
        message: 'must be a folder or an address such as s3://bucket/prefix',
      })
      .optional(),
  ),
  KUZET_EVIDENCE_LOCK_DAYS: z.preprocess(empty, count(0, 36_500).default(0)),
  KUZET_RETENTION: z.preprocess(
    empty,
    z
      .string()
      .default('')
      .refine((text) => readPeriods(text) !== null, {
        message: `must be days by kind such as "never_flagged=90 closed=365 referred=1825"`,
      }),
  ),
  KUZET_S3_ENDPOINT: z.preprocess(empty, url(['https:', 'http:']).optional()),
  KUZET_S3_REGION: z.preprocess(empty, z.string().default('us-east-1')),
  KUZET_METRICS_TOKEN: z.preprocess(empty, z.string().min(16, 'must be 16 characters or more').optional()),
  KUZET_REVISITS: z.preprocess(empty, count(0, 1_000_000).default(1000)),
  KUZET_REVISITS_A_HOST: z.preprocess(empty, count(1, 10_000).default(20)),
  KUZET_DISK_RESERVE_MB: z.preprocess(empty, count(0, 10_000_000).default(500)),
  KUZET_OIDC_ISSUER: z.preprocess(empty, url(['https:', 'http:']).optional()),
  KUZET_OIDC_CLIENT: z.preprocess(empty, z.string().optional()),
  KUZET_OIDC_SECRET: z.preprocess(empty, z.string().optional()),
  KUZET_OIDC_CLAIM: z.preprocess(empty, z.string().default('groups')),
  KUZET_OIDC_ROLES: z.preprocess(
    empty,
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
      .refine((each) => each.every((pair) => /^[^=]+=(viewer|officer|senior|supervisor|admin)$/.test(pair)), {
        message: 'must be pairs such as officers=officer with spaces between',
      })
      .default([]),
  ),
  KUZET_SECOND_LOOK: z.preprocess(empty, z.enum(['open', 'blind']).default('open')),
  KUZET_REREAD: z.preprocess(empty, count(0, 100).default(5)),
  KUZET_LANG: z.preprocess(empty, z.enum(['ru', 'kk', 'en']).default('ru')),
  KUZET_LOG: z.preprocess(empty, z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn')),
});

export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES.shape);

export interface Config {
  /** Absolute folder of all that Kuzet keeps. */
  readonly home: string;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  /** Path of the browser to use; null to look for one. */
  readonly chromium: string | null;
  /** Path of the browser that takes evidence; null for the same. */
  readonly evidenceChromium: string | null;
  readonly host: string;
  readonly port: number;
  /** Where officers reach the desk behind a proxy; null when they reach it directly. */
  readonly publicUrl: string | null;
  /** Proxies that are believed whom they speak for, when callers are counted. */
  readonly trustProxy: readonly string[];
  /** Code of the organisation that refers, as it stands in batch names. */
  readonly org: string;
  /** Page or address where a site's owner reaches whoever runs this crawler. */
  readonly contact: string | null;
  /** Time authorities that stamp roots, WARCs and manifests. */
  readonly timeAuthorities: readonly string[];
  /** PEM file of certificates that signers and time authorities should lead to; null when none is given. */
  readonly trust: string | null;
  /** Who signs the manifests of batches; null for nobody. */
  readonly sign: SignConfig | null;
  readonly refer: ReferConfig;
  /** Names of endpoints of marketplaces -> `address:port` where they are; these may lie in the own network. */
  readonly hooks: Readonly<Record<string, string>>;
  /** File that tells whose network an address is of; null when none is given. */
  readonly networks: string | null;
  /** List of widely visited sites; null where the one that ships is enough. */
  readonly popular: string | null;
  /** Folder or address of IANA's tables of registries; null when registries are not asked. */
  readonly rdap: string | null;
  /** Address that sites see us come from; null when not told. */
  readonly egress: string | null;
  /** Proxy inside Kazakhstan that pages are looked at through once more; null for none. */
  readonly kzProxy: string | null;
  readonly tell: TellConfig;
  readonly evidence: EvidenceConfig;
  readonly hostsAtOnce: number;
  readonly rendersAtOnce: number;
  /** Bytes left free on the disk of the evidence: with fewer, visits rest. */
  /** Opens /metrics to other machines; null for this one alone. */
  readonly metricsToken: string | null;
  /** Known addresses looked at again in a day, 0 for none, and of one host. */
  readonly revisits: { readonly mostADay: number; readonly mostAHost: number };
  readonly diskReserveBytes: number;
  /** `blind`: the second officer is not told the first decision. */
  /** Another house by whose word people come in; null for none. */
  readonly oidc: {
    readonly issuer: string;
    readonly clientId: string;
    readonly secret: string | null;
    readonly claim: string;
    /** Value of the claim -> role; of several the first counts. */
    readonly roles: ReadonlyMap<string, 'viewer' | 'officer' | 'senior' | 'supervisor' | 'admin'>;
  } | null;
  readonly secondLook: 'open' | 'blind';
  /** 0..1 of decisions that another officer reads again. */
  readonly rereadShare: number;
  readonly lang: 'ru' | 'kk' | 'en';
  readonly log: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly version: string;
}

export interface EvidenceConfig {
  /** Absolute folder, or `s3://bucket/prefix`. */
  readonly place: string;
  /** Days for which a bucket locks each blob against everybody; 0 for none. */
  readonly lockDays: number;
  /** Of an S3-compatible store that is not Amazon's; null for Amazon's. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Days after which evidence is due to go, if two officers decide so. */
  readonly periods: Periods;
}

export interface ReferConfig {
  /** When batches are built, signed and handed over by themselves, by Almaty's clock. */
  readonly at: readonly TimeOfDay[];
  /** In whose name; '' when nothing goes by itself. */
  readonly by: string;
  /** Where batches are handed over; null when nobody said where to. */
  readonly to: Destination | null;
}

export type Destination =
  /** Absolute. */
  | { readonly is: 'folder'; readonly folder: string }
  | {
      readonly is: 'sftp';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly folder: string;
      /** `SHA256:…` of the server's key. */
      readonly hostKey: string;
      readonly keyFile: string | null;
      readonly password: string | null;
    }
  | {
      readonly is: 'smartbridge';
      readonly url: string;
      readonly serviceId: string;
      readonly senderId: string;
      readonly password: string | null;
      readonly routeId: string | null;
    };

/** How officers are told what waits for them; null for each way that is not set. */
export interface TellConfig {
  readonly webhook: { readonly url: string; readonly secret: string | null } | null;
  readonly mail: { readonly url: string; readonly from: string; readonly to: readonly string[] } | null;
}

export type SignConfig =
  | { readonly is: 'local'; readonly key: string; readonly certificates: string }
  | { readonly is: 'ncanode'; readonly url: string; readonly key: string; readonly password: string };

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly facts: { readonly variables: readonly string[] };

  constructor(issues: readonly { readonly variable: string; readonly why: string }[]) {
    super(
      `${issues.map(({ variable, why }) => `${variable} ${why}`).join('; ')}. Mend it in the environment or unset it.`,
    );
    this.facts = { variables: issues.map(({ variable }) => variable) };
  }
}

/** @throws ConfigError naming every variable at fault. */
export function readConfig(env: Readonly<Record<string, string | undefined>>, folder: string): Config {
  const read = VARIABLES.safeParse(env);
  if (!read.success) {
    throw new ConfigError(
      read.error.issues.map((issue) => ({
        variable: String(issue.path[0]),
        why: `${shown(String(issue.path[0]), env)}${issue.message.toLowerCase()}`,
      })),
    );
  }
  const it = read.data;
  return {
    home: resolve(folder, it.KUZET_HOME),
    databaseUrl: it.DATABASE_URL ?? null,
    redisUrl: it.REDIS_URL ?? null,
    chromium: it.CHROMIUM ?? null,
    evidenceChromium: it.CHROMIUM_EVIDENCE ?? null,
    host: it.KUZET_HOST,
    port: it.KUZET_PORT,
    publicUrl: it.KUZET_PUBLIC_URL ?? null,
    trustProxy: it.KUZET_TRUST_PROXY,
    org: it.KUZET_ORG,
    contact: it.KUZET_CONTACT ?? null,
    timeAuthorities: it.KUZET_TSA,
    trust: it.KUZET_TRUST === undefined ? null : resolve(folder, it.KUZET_TRUST),
    sign: signConfig(it, folder),
    refer: referConfig(it, folder),
    hooks: Object.fromEntries(
      (it.KUZET_HOOKS?.split(/[\s,]+/) ?? []).map((pair) => pair.split('=') as [string, string]),
    ),
    kzProxy: it.KUZET_KZ_PROXY ?? null,
    networks: it.KUZET_NETWORKS === undefined ? null : resolve(folder, it.KUZET_NETWORKS),
    popular: it.KUZET_POPULAR === undefined ? null : resolve(folder, it.KUZET_POPULAR),
    rdap:
      it.KUZET_RDAP === undefined || /^https?:/.test(it.KUZET_RDAP)
        ? (it.KUZET_RDAP ?? null)
        : resolve(folder, it.KUZET_RDAP),
    egress: it.KUZET_EGRESS ?? null,
    tell: tellConfig(it),
    evidence: {
      place: evidencePlace(it.KUZET_EVIDENCE, resolve(folder, it.KUZET_HOME), folder),
      lockDays: it.KUZET_EVIDENCE_LOCK_DAYS,
      endpoint: it.KUZET_S3_ENDPOINT ?? null,
      region: it.KUZET_S3_REGION,
      periods: readPeriods(it.KUZET_RETENTION) ?? PERIODS,
    },
    hostsAtOnce: it.KUZET_HOSTS_AT_ONCE,
    rendersAtOnce: it.KUZET_RENDERS_AT_ONCE,
    metricsToken: it.KUZET_METRICS_TOKEN ?? null,
    revisits: { mostADay: it.KUZET_REVISITS, mostAHost: it.KUZET_REVISITS_A_HOST },
    diskReserveBytes: it.KUZET_DISK_RESERVE_MB * 1_000_000,
    oidc:
      it.KUZET_OIDC_ISSUER === undefined || it.KUZET_OIDC_CLIENT === undefined
        ? null
        : {
            issuer: it.KUZET_OIDC_ISSUER,
            clientId: it.KUZET_OIDC_CLIENT,
            secret: it.KUZET_OIDC_SECRET ?? null,
            claim: it.KUZET_OIDC_CLAIM,
            roles: new Map(it.KUZET_OIDC_ROLES.map((pair) => pair.split('=') as [string, 'viewer'])),
          },
    secondLook: it.KUZET_SECOND_LOOK,
    rereadShare: it.KUZET_REREAD / 100,
    lang: it.KUZET_LANG,
    log: it.KUZET_LOG,
    version: packageVersion(),
  };
}

function evidencePlace(given: string | undefined, home: string, folder: string): string {
  if (given === undefined) return join(home, 'evidence');
  return bucketPlace(given) === null ? resolve(folder, given) : given;
}

/** Half a signer would leave batches unsigned that somebody meant to sign. */
function signConfig(it: z.infer<typeof VARIABLES>, folder: string): SignConfig | null {
  const { KUZET_SIGN_KEY: key, KUZET_SIGN_CERT: certificates, KUZET_NCANODE_URL: ncanode } = it;
  if (ncanode !== undefined) {
    if (key === undefined)
      throw missing('KUZET_SIGN_KEY', 'must name the PKCS #12 file that NCANode signs with');
    return { is: 'ncanode', url: ncanode, key: resolve(folder, key), password: it.KUZET_SIGN_PASSWORD ?? '' };
  }
  if (key === undefined && certificates === undefined) return null;
  if (key === undefined) throw missing('KUZET_SIGN_KEY', 'must name the key of KUZET_SIGN_CERT');
  if (certificates === undefined)
    throw missing('KUZET_SIGN_CERT', 'must name the certificate of KUZET_SIGN_KEY');
  return { is: 'local', key: resolve(folder, key), certificates: resolve(folder, certificates) };
}

/** What leaves by itself leaves in somebody's name, to some place. */
function referConfig(it: z.infer<typeof VARIABLES>, folder: string): ReferConfig {
  const { KUZET_REFER_AT: times, KUZET_REFER_BY: by, KUZET_REFER_TO: to } = it;
  if (times.length > 0 && by === undefined)
    throw missing('KUZET_REFER_BY', 'must name the officer in whose name batches are handed over');
  if (times.length > 0 && to === undefined)
    throw missing('KUZET_REFER_TO', 'must say where batches are handed over');
  const at = times.map(timeOfDay).filter((each) => each !== null);
  return { at, by: by ?? '', to: to === undefined ? null : destination(to, it, folder) };
}

/** `sftp://user@host:22/folder`, `smartbridge+https://host/path`, or a folder of this machine. */
function destination(to: string, it: z.infer<typeof VARIABLES>, folder: string): Destination {
  if (/^sftp:/i.test(to)) return sftpPlace(to, it, folder);
  if (/^smartbridge\+/i.test(to)) return smartBridgePlace(to, it);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(to))
    throw missing(
      'KUZET_REFER_TO',
      'must be a folder, sftp://user@host/folder or smartbridge+https://host/path',
    );
  return { is: 'folder', folder: resolve(folder, to) };
}

function sftpPlace(to: string, it: z.infer<typeof VARIABLES>, folder: string): Destination {
  const url = URL.canParse(to) ? new URL(to) : null;
  if (url === null || url.username === '' || url.hostname === '' || url.pathname === '')
    throw missing('KUZET_REFER_TO', 'must have the form sftp://user@host:22/folder');
  if (url.password !== '')
    throw missing('KUZET_REFER_TO', 'must hold no password: that is KUZET_SFTP_PASSWORD');
  const { KUZET_SFTP_HOST_KEY: hostKey, KUZET_SFTP_KEY: key, KUZET_SFTP_PASSWORD: password } = it;
  if (hostKey === undefined)
    throw missing('KUZET_SFTP_HOST_KEY', 'must name the key of the server, SHA256:…, that is trusted alone');
  if (key === undefined && password === undefined)
    throw missing('KUZET_SFTP_KEY', 'must name the file of a private key, or KUZET_SFTP_PASSWORD be set');
  return {
    is: 'sftp',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 22 : Number(url.port),
    user: decodeURIComponent(url.username),
    folder: decodeURIComponent(url.pathname),
    hostKey,
    keyFile: key === undefined ? null : resolve(folder, key),
    password: password ?? null,
  };
}

function smartBridgePlace(to: string, it: z.infer<typeof VARIABLES>): Destination {
  const text = to.replace(/^smartbridge\+/i, '');
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHere = url !== null && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    throw missing('KUZET_REFER_TO', 'must have the form smartbridge+https://host/path');
  // The form is for people: no program of this house fills it in.
  if (/(^|\.)knadzor\.kz$/i.test(url.hostname.replace(/\.$/, '')))
    throw missing('KUZET_REFER_TO', 'names the form of Kibernadzor, which is filled in by people alone');
  const { KUZET_SMARTBRIDGE_SERVICE: serviceId, KUZET_SMARTBRIDGE_SENDER: senderId } = it;
  if (serviceId === undefined)
    throw missing('KUZET_SMARTBRIDGE_SERVICE', 'must name the service that takes batches');
  if (senderId === undefined) throw missing('KUZET_SMARTBRIDGE_SENDER', 'must name our own system');
  const password = it.KUZET_SMARTBRIDGE_PASSWORD ?? null;
  const routeId = it.KUZET_SMARTBRIDGE_ROUTE ?? null;
  return { is: 'smartbridge', url: url.href, serviceId, senderId, password, routeId };
}

function tellConfig(it: z.infer<typeof VARIABLES>): TellConfig {
  const { KUZET_WEBHOOK_URL: hook, KUZET_MAIL_URL: smtp, KUZET_MAIL_FROM: from, KUZET_MAIL_TO: to } = it;
  if (smtp !== undefined && from === undefined)
    throw missing('KUZET_MAIL_FROM', 'must name who the mail is from');
  if (smtp !== undefined && to.length === 0)
    throw missing('KUZET_MAIL_TO', 'must name whom the mail goes to');
  return {
    webhook: hook === undefined ? null : { url: hook, secret: it.KUZET_WEBHOOK_SECRET ?? null },
    mail: smtp === undefined || from === undefined ? null : { url: smtp, from, to },
  };
}

function missing(variable: string, why: string): ConfigError {
  return new ConfigError([{ variable, why }]);
}

/** What was typed, unless it may hold a password. */
function shown(variable: string, env: Readonly<Record<string, string | undefined>>): string {
  if (/_(URL|PASSWORD|SECRET|TOKEN)$/.test(variable)) return '';
  // An address may carry a user's name and password before its host.
  return `("${(env[variable] ?? '').replaceAll(/\/\/[^/\s]*@/g, '//…@')}") `;
}

/** From source the package is this folder; from dist/ it is the one above. */
function packageVersion(): string {
  for (const place of ['./package.json', '../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (name === 'kuzet') return version;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  }
  return '0.0.0';
}
