/**
 * Rows of marketplaces that use the service. A key is shown once and kept as its SHA-256; it is 256 bits of
 * chance, so that no slow hash is needed. Every change is told in the ledger.
 */
import { createHash, randomBytes } from 'node:crypto';
import { officerId } from '../domain/case.ts';
import type { Tenant } from '../domain/market-service.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { hurried } from './together.ts';

export class TenantRefusedError extends Error {
  override readonly name = 'TenantRefusedError';
  readonly facts: { readonly tenant: string };

  constructor(tenant: string, why: string) {
    super(`Marketplace "${tenant}": ${why}`);
    this.facts = { tenant };
  }
}

export interface TenantStore {
  /** @returns the key, never to be had again. @throws TenantRefusedError */
  add(
    it: Pick<Tenant, 'id' | 'name' | 'isDry' | 'sites'>,
    now: Date,
  ): Promise<{ tenant: Tenant; key: string }>;
  /** One more key, so that keys can be changed without a gap. @throws TenantRefusedError */
  addKey(id: string, now: Date): Promise<string>;
  /** @throws TenantRefusedError */
  setDry(id: string, isDry: boolean, now: Date): Promise<Tenant>;
  /** Which sites are its own, from now on. @throws TenantRefusedError */
  setSites(id: string, sites: readonly string[], now: Date): Promise<Tenant>;
  /** Whose site it is; null for nobody's, and when its marketplace was revoked. */
  ofSite(site: string): Promise<string | null>;
  /** All its keys stop working at once. @throws TenantRefusedError */
  revoke(id: string, now: Date): Promise<Tenant>;
  /** Whose person an account is; null for nobody's, and when its marketplace was revoked. */
  ofLogin(login: string): Promise<Tenant | null>;
  /** Makes an account a marketplace's, or nobody's. @throws TenantRefusedError */
  setLogin(login: string, id: string | null, by: string, now: Date): Promise<void>;
  /** Accounts of marketplaces: login to id. */
  logins(): Promise<Map<string, string>>;
  /** By id. */
  list(): Promise<Tenant[]>;
  get(id: string): Promise<Tenant | null>;
  /** Whose key it is; null for one that is unknown or revoked. */
  byKey(key: string): Promise<Tenant | null>;
}

/** Begins every key, so that one that leaked is known for what it is. */
const KEY_MARK = 'kzt_';
const KEY = /^kzt_[\w-]{43}$/;
const ID = /^[a-z0-9][a-z0-9-]{1,39}$/;

const COLUMNS = 'id, name, is_dry as "isDry", sites, created_at as "createdAt", revoked_at as "revokedAt"';

export function tenantStore(db: Database): TenantStore {
  const ofKeys = hurried(async (hashes: readonly string[]) => {
    const rows = await db.query<Tenant & { sha256: string }>(
      `select t.*, k.sha256 from tenant_key k
       join (select ${COLUMNS} from tenant where revoked_at is null) t on t.id = k.tenant
       where k.sha256 = any($1::text[])`,
      [hashes],
    );
    return new Map(rows.map(({ sha256: hash, ...tenant }) => [hash, tenant]));
  });
  return {
    async add({ id, name, isDry, sites }, now) {
      if (!ID.test(id)) {
        throw new TenantRefusedError(id, 'an id is 2 to 40 small Latin letters, digits and hyphens.');
      }
      const key = newKey();
      const tenant = await db.transaction(async (tx) => {
        const [made] = await tx.query<Tenant>(
          `insert into tenant (id, name, is_dry, created_at) values ($1, $2, $3, $4)
           on conflict (id) do nothing returning ${COLUMNS}`,
          [id, name, isDry, now],
        );
        if (made === undefined)
          throw new TenantRefusedError(id, 'is there already. Give it a key with "tenant key".');
        await keepKey(tx, id, key, now);
        const tenant = sites.length === 0 ? made : await keepSites(tx, id, sites);
        await tell(tx, 'added', tenant, now);
        return tenant;
      });
      return { tenant, key };
    },
    async addKey(id, now) {
      const key = newKey();
      await db.transaction(async (tx) => {
        const tenant = await standing(tx, id);
        await keepKey(tx, id, key, now);
        await tell(tx, 'key', tenant, now);
      });
      return key;
    },
    async setDry(id, isDry, now) {
      return db.transaction(async (tx) => {
        await standing(tx, id);
        const [tenant] = await tx.query<Tenant>(
          `update tenant set is_dry = $2 where id = $1 returning ${COLUMNS}`,
          [id, isDry],
        );
        await tell(tx, 'switched', tenant!, now);
        return tenant!;
      });
    },
    async setSites(id, sites, now) {
      return db.transaction(async (tx) => {
        await standing(tx, id);
        const tenant = await keepSites(tx, id, sites);
        await tell(tx, 'sites', tenant, now);
        return tenant;
      });
    },
    async ofSite(site) {
      const [row] = await db.query<{ id: string }>(
        'select id from tenant where revoked_at is null and sites @> array[$1]::text[]',
        [site],
      );
      return row?.id ?? null;
    },
    async revoke(id, now) {
      return db.transaction(async (tx) => {
        await standing(tx, id);
        const [tenant] = await tx.query<Tenant>(
          `update tenant set revoked_at = $2 where id = $1 returning ${COLUMNS}`,
          [id, now],
        );
        await tx.query('delete from tenant_key where tenant = $1', [id]);
        await tell(tx, 'revoked', tenant!, now);
        return tenant!;
      });
    },
    async ofLogin(login) {
      const [row] = await db.query<Tenant>(
        `select ${COLUMNS} from tenant t where t.revoked_at is null
           and t.id = (select a.tenant from tenant_account a where a.login = $1)`,
        [officerId(login)],
      );
      return row ?? null;
    },
    async setLogin(typed, id, by, now) {
      const login = officerId(typed);
      await db.transaction(async (tx) => {
        if (id !== null) await standing(tx, id);
        const [known] = await tx.query('select 1 as one from account where login = $1', [login]);
        if (known === undefined) throw new TenantRefusedError(id ?? '', `there is no account "${login}".`);
        await tx.query('delete from tenant_account where login = $1', [login]);
        if (id !== null) {
          await tx.query('insert into tenant_account (login, tenant, since) values ($1, $2, $3)', [
            login,
            id,
            now,
          ]);
        }
        const entry = { login, change: 'marketplace', tenant: id, by: officerId(by) };
        await appendToLedger(tx, [{ at: now, kind: 'account', subject: login, entry }]);
      });
    },
    async logins() {
      const rows = await db.query<{ login: string; tenant: string }>(
        'select login, tenant from tenant_account order by login',
      );
      return new Map(rows.map(({ login, tenant }) => [login, tenant]));
    },
    list: () => db.query<Tenant>(`select ${COLUMNS} from tenant order by id`),
    async get(id) {
      const [row] = await db.query<Tenant>(`select ${COLUMNS} from tenant where id = $1`, [id]);
      return row ?? null;
    },
    async byKey(key) {
      if (!KEY.test(key)) return null;
      const hash = sha256(key);
      return (await ofKeys([hash])).get(hash) ?? null;
    },
  };
}

async function standing(tx: Queryable, id: string): Promise<Tenant> {
  const [row] = await tx.query<Tenant>(
    `select ${COLUMNS} from tenant where id = $1 and revoked_at is null for update`,
    [id],
  );
  if (row === undefined) throw new TenantRefusedError(id, 'there is none, or it was revoked.');
  return row;
}

async function keepSites(tx: Queryable, id: string, sites: readonly string[]): Promise<Tenant> {
  // One after another, so that two marketplaces never get one site.
  await tx.query('lock table tenant in share row exclusive mode');
  const [other] = await tx.query<{ id: string; site: string }>(
    `select id, site from tenant, unnest(sites) site
     where id <> $1 and revoked_at is null and site = any($2::text[]) limit 1`,
    [id, sites],
  );
  if (other !== undefined)
    throw new TenantRefusedError(id, `${other.site} is a site of "${other.id}" already.`);
  const [tenant] = await tx.query<Tenant>(
    `update tenant set sites = $2::text[] where id = $1 returning ${COLUMNS}`,
    [id, [...new Set(sites)].sort()],
  );
  return tenant!;
}

async function keepKey(tx: Queryable, tenant: string, key: string, now: Date): Promise<void> {
  await tx.query('insert into tenant_key (sha256, tenant, created_at) values ($1, $2, $3)', [
    sha256(key),
    tenant,
    now,
  ]);
}

async function tell(tx: Queryable, is: string, { id, name, isDry, sites }: Tenant, now: Date): Promise<void> {
  const entry = sites.length === 0 ? { is, name, isDry } : { is, name, isDry, sites: [...sites] };
  await appendToLedger(tx, [{ at: now, kind: 'tenant', subject: id, entry }]);
}

function newKey(): string {
  return KEY_MARK + randomBytes(32).toString('base64url');
}

function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
