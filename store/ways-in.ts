/**
 * Ways in without a password: another house's word for a person (OpenID Connect), and keys that a person holds (WebAuthn).
 *
 * An account is found by the other house's own name for the person (issuer and subject), never by a mail address or a
 * login that looks alike: an account that was made here is nobody else's, whatever another house says.
 */
import { randomBytes } from 'node:crypto';
import type { OfficerId } from '../domain/case.ts';
import {
  type Account,
  AccountRefusedError,
  type AccountRow,
  asAccount,
  insertAccount,
  keepAnAdmin,
  NO_PASSWORD,
  type Role,
  tell,
} from './accounts.ts';
import type { Database } from './database.ts';
import { appendToLedger } from './ledger.ts';

export type AttemptKind = 'oidc' | 'passkey_new' | 'passkey';

/** What another house says of a person who just logged in there. */
export interface Introduced {
  readonly issuer: string;
  readonly subject: string;
  /** What a new account would be called. */
  readonly login: string;
  readonly name: string;
  readonly role: Role;
}

/** Somebody whom another house knows and gives no work here. */
export interface Unplaced extends Pick<Introduced, 'issuer' | 'subject'> {
  readonly role: null;
}

export interface Passkey {
  /** The credential's own id, base64url. */
  readonly id: string;
  readonly login: OfficerId;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
  /** As its owner calls it. */
  readonly name: string;
  readonly since: Date;
  readonly usedAt: Date | null;
}

export interface WaysInStore {
  /** Remembers what an answer must fit to, for ten minutes; `binds` is the hash of the browser's own cookie. */
  begin(kind: AttemptKind, binds: string, facts: object, now: Date): Promise<string>;
  /** Once, and only for the browser that began. */
  take<Facts>(id: string, kind: AttemptKind, binds: string, now: Date): Promise<Facts | null>;
  /**
   * The account of a person who was introduced, made on the first time, with the role that the introduction gives.
   *
   * @throws AccountRefusedError when the login of a new account is taken, or the account is disabled, or the last admin
   *   would be none any more.
   */
  meet(person: Introduced, now: Date): Promise<Account>;
  /**
   * Ends the sessions of a person whom the other house gives no role any more, and lets nobody in by that account, by
   * whatever way, until `meet` brings a role again. Nothing for a stranger.
   *
   * @throws AccountRefusedError when the last admin would be none any more.
   */
  bar(person: Unplaced, now: Date): Promise<void>;
  passkeys(login: string): Promise<Passkey[]>;
  passkey(id: string): Promise<Passkey | null>;
  /** False when there is one of that id. */
  addPasskey(it: Omit<Passkey, 'since' | 'usedAt'>, now: Date): Promise<boolean>;
  /** False when another use brought the counter as far in the meantime: the key may be copied. */
  usePasskey(id: string, counter: number, now: Date): Promise<boolean>;
  /** False when the person has none of that id. */
  removePasskey(login: string, id: string, now: Date): Promise<boolean>;
}

const ATTEMPT_MS = 600_000;

export function waysInStore(db: Database): WaysInStore {
  return {
    async begin(kind, binds, facts, now) {
      const id = randomBytes(32).toString('base64url');
      await db.query('delete from log_in_attempt where expires_at <= $1', [now]);
      await db.query(
        'insert into log_in_attempt (id, binds, kind, facts, expires_at) values ($1, $2, $3, $4::jsonb, $5)',
        [id, binds, kind, JSON.stringify(facts), new Date(now.getTime() + ATTEMPT_MS)],
      );
      return id;
    },
    async take<Facts>(id: string, kind: AttemptKind, binds: string, now: Date) {
      const [row] = await db.query<{ facts: Facts }>(
        'delete from log_in_attempt where id = $1 and kind = $2 and binds = $3 and expires_at > $4 returning facts',
        [id, kind, binds, now],
      );
      return row?.facts ?? null;
    },
    async meet({ issuer, subject, login, name, role }, now) {
      return db.transaction(async (tx) => {
        const [known] = await tx.query<AccountRow>(
          `select a.* from account_identity i join account a on a.login = i.login
           where i.issuer = $1 and i.subject = $2 for update of a`,
          [issuer, subject],
        );
        if (known === undefined) {
          const made = await insertAccount(tx, { login, name, role }, NO_PASSWORD, now);
          await tx.query(
            'insert into account_identity (issuer, subject, login, since) values ($1, $2, $3, $4)',
            [issuer, subject, made.login, now],
          );
          await tell(tx, 'added', made, now);
          return made;
        }
        if (known.disabled_at !== null)
          throw new AccountRefusedError(
            known.login,
            'no_account',
            `The account "${known.login}" is disabled.`,
          );
        const back = await tx.query(
          `update account_identity set barred_at = null
           where issuer = $1 and subject = $2 and barred_at is not null returning 1 as back`,
          [issuer, subject],
        );
        if (back.length > 0) await tell(tx, 'role_given', { ...asAccount(known), role }, now);
        if (known.role === role) return asAccount(known);
        if (role !== 'admin') await keepAnAdmin(tx, known.login);
        const [row] = await tx.query<AccountRow>(
          'update account set role = $2 where login = $1 returning *',
          [known.login, role],
        );
        await tx.query('delete from session where login = $1', [known.login]);
        await tell(tx, 'role_changed', asAccount(row!), now);
        return asAccount(row!);
      });
    },
    async bar({ issuer, subject }, now) {
      await db.transaction(async (tx) => {
        const [known] = await tx.query<AccountRow>(
          `select a.* from account_identity i join account a on a.login = i.login
           where i.issuer = $1 and i.subject = $2 and i.barred_at is null for update of a`,
          [issuer, subject],
        );
        if (known === undefined) return;
        await keepAnAdmin(tx, known.login);
        await tx.query('update account_identity set barred_at = $3 where issuer = $1 and subject = $2', [
          issuer,
          subject,
          now,
        ]);
        await tx.query('delete from session where login = $1', [known.login]);
        await tell(tx, 'role_taken', asAccount(known), now);
      });
    },
    async passkeys(login) {
      return (
        await db.query<PasskeyRow>('select * from passkey where login = $1 order by since, id', [login])
      ).map(asPasskey);
    },
    async passkey(id) {
      const [row] = await db.query<PasskeyRow>('select * from passkey where id = $1', [id]);
      return row === undefined ? null : asPasskey(row);
    },
    async addPasskey({ id, login, publicKey, counter, transports, name }, now) {
      return db.transaction(async (tx) => {
        const added = await tx.query(
          `insert into passkey (id, login, public_key, counter, transports, name, since)
           values ($1, $2, $3, $4, $5::text[], $6, $7) on conflict do nothing returning 1 as added`,
          [id, login, publicKey, counter, [...transports], name, now],
        );
        if (added.length === 0) return false;
        await appendToLedger(tx, [
          { at: now, kind: 'account', subject: login, entry: { login, change: 'passkey_added', name } },
        ]);
        return true;
      });
    },
    async usePasskey(id, counter, now) {
      // Keys that do not count always say 0.
      const used = await db.query(
        'update passkey set counter = $2, used_at = $3 where id = $1 and (counter < $2 or $2 = 0 and counter = 0) returning 1 as used',
        [id, counter, now],
      );
      return used.length > 0;
    },
    async removePasskey(login, id, now) {
      return db.transaction(async (tx) => {
        const gone = await tx.query<{ name: string }>(
          'delete from passkey where login = $1 and id = $2 returning name',
          [login, id],
        );
        if (gone[0] === undefined) return false;
        const { name } = gone[0];
        await appendToLedger(tx, [
          { at: now, kind: 'account', subject: login, entry: { login, change: 'passkey_removed', name } },
        ]);
        return true;
      });
    },
  };
}

interface PasskeyRow {
  id: string;
  login: OfficerId;
  public_key: Buffer;
  counter: number;
  transports: string[];
  name: string;
  since: Date;
  used_at: Date | null;
}

function asPasskey(row: PasskeyRow): Passkey {
  const { id, login, counter, transports, name, since } = row;
  return {
    id,
    login,
    publicKey: new Uint8Array(row.public_key),
    counter,
    transports,
    name,
    since,
    usedAt: row.used_at,
  };
}
