/** Rows of messages to officers: what is to be told, by which way, and how far that got. */
import type { Database } from './database.ts';

export type MessageKind = 'approvals' | 'appeal' | 'batch_failed' | 'batch_unbuilt' | 'aftercare_failed';

export interface NewMessage {
  /** What it is about: told once by each way. */
  readonly key: string;
  readonly kind: MessageKind;
  /** Numbers and ids of ours; nothing of a page, nothing of a person. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export interface Message extends NewMessage {
  readonly id: number;
  readonly via: string;
  readonly at: Date;
  readonly tries: number;
}

export interface MessageStore {
  /** Leaves those that are known as they are. @returns how many were new. */
  ask(messages: readonly NewMessage[], via: readonly string[], now: Date): Promise<number>;
  due(via: readonly string[], now: Date, limit: number): Promise<Message[]>;
  sent(id: number, now: Date): Promise<void>;
  putOff(id: number, error: string, until: Date): Promise<void>;
  giveUp(id: number, error: string, now: Date): Promise<void>;
}

export function messageStore(db: Database): MessageStore {
  return {
    async ask(messages, via, now) {
      let added = 0;
      for (const { key, kind, facts } of messages) {
        const rows = await db.query(
          `insert into message (key, via, at, kind, facts, due_at)
           select $1, way, $2, $3, $4::jsonb, $2 from unnest($5::text[]) as way
           on conflict do nothing returning 1 as added`,
          [key, now, kind, JSON.stringify(facts), via],
        );
        added += rows.length;
      }
      return added;
    },
    async due(via, now, limit) {
      return db.query<Message>(
        `select id, key, via, at, kind, facts, tries from message
         where sent_at is null and given_up_at is null and due_at <= $1 and via = any($2::text[])
         order by due_at, id limit $3`,
        [now, via, limit],
      );
    },
    async sent(id, now) {
      await db.query('update message set sent_at = $2, tries = tries + 1 where id = $1', [id, now]);
    },
    async putOff(id, error, until) {
      await db.query('update message set tries = tries + 1, last_error = $2, due_at = $3 where id = $1', [
        id,
        error,
        until,
      ]);
    },
    async giveUp(id, error, now) {
      await db.query(
        'update message set tries = tries + 1, last_error = $2, given_up_at = $3 where id = $1',
        [id, error, now],
      );
    },
  };
}
