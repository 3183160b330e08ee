/**
 * Who handled which evidence, in the words of ISO/IEC 27037: what was collected is told by captures and cases, what
 * was deleted by erasures; here stands who looked at it, took it along or sent it out. Rows of the ledger alone.
 */
import { caseNumber, officerId } from '../domain/case.ts';
import type { LedgerRow } from '../domain/ledger.ts';
import type { Database } from './database.ts';
import { ledgerStore } from './ledger.ts';

export interface CustodyStore {
  /** Somebody looked at evidence of a capture or case; told in the ledger with others, a little later. */
  viewed(what: string, by: string, now: Date): void;
  /** Evidence of a capture, case or batch, or the whole `store` or `store-rows`, left as a file. */
  left(how: 'downloaded' | 'exported', what: string, by: string, now: Date): Promise<void>;
  /** Writes the views that wait; also when the house closes. */
  flush(): Promise<void>;
  /** Every row of the ledger that names a capture, or a case or what became of its captures' evidence, in order: captured, joined, seen, sent, deleted; and copies of the whole store since. */
  of(what: string): Promise<LedgerRow[]>;
}

/** Views of one person on one thing within this time are one. */
const ONE_VIEW_MS = 60_000;
const FLUSH_AFTER_MS = 5_000;
const MOST_WAITING = 500;

interface View {
  readonly what: string;
  readonly at: Date;
}

/** @param onError told of views that could not be written; they are tried again some seconds later. */
export function custodyStore(
  db: Database,
  onError: (cause: unknown) => void = () => undefined,
): CustodyStore {
  const ledger = ledgerStore(db);
  let waiting = new Map<string, View[]>();
  /** Person and thing -> when it was last told, in milliseconds; of the last minute alone. */
  const seen = new Map<string, number>();
  let count = 0;
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const due = waiting;
    waiting = new Map();
    count = 0;
    for (const [by, views] of due) {
      try {
        const entry = { what: 'viewed', by, views };
        await ledger.append({ at: views.at(-1)!.at, kind: 'custody', subject: by, entry });
      } catch (cause) {
        waiting.set(by, [...views, ...(waiting.get(by) ?? [])]);
        count += views.length;
        onError(cause);
        flushLater();
      }
    }
  }

  function flushLater(): void {
    timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS);
    timer.unref();
  }

  return {
    viewed(what, by, now) {
      const who = officerId(by);
      const name = `${who} ${what}`;
      const last = seen.get(name);
      if (last !== undefined && now.getTime() - last < ONE_VIEW_MS) return;
      // Oldest first: what is put anew goes to the end.
      seen.delete(name);
      seen.set(name, now.getTime());
      for (const [old, at] of seen) {
        if (now.getTime() - at < ONE_VIEW_MS) break;
        seen.delete(old);
      }
      waiting.set(who, [...(waiting.get(who) ?? []), { what, at: now }]);
      count += 1;
      if (count >= MOST_WAITING) void flush();
      else flushLater();
    },
    async left(how, what, by, now) {
      const entry = { what: how, of: what, by: officerId(by) };
      await ledger.append({ at: now, kind: 'custody', subject: what, entry });
    },
    flush,
    async of(what) {
      if (!/^[\w-]{1,64}$/.test(what)) return [];
      const rows = await db.query<Omit<LedgerRow, 'at'> & { at: Date }>(
        // Each arm by an index of its own: migration 039.
        `with mine as (select capture_id::text as id from case_capture where case_id = $2)
         select seq, at, kind, subject, entry, prev, hash from ledger
         where ledger_names(subject, entry) @> array[$1]
           or (kind = 'custody' and md5(subject) = any(array(select md5(id) from mine)))
           or (kind = 'erasure' and ledger_names(subject, entry) && array(select id from mine))
           or (kind = 'custody' and md5(subject) in (md5('store'), md5('store-rows'))
             and strpos(entry, '"exported"') > 0)
         order by seq`,
        [what, caseNumber(what) ?? 0],
      );
      // A copy from before it was there did not have it.
      const first = rows.findIndex(({ kind, subject }) => kind !== 'custody' || !subject.startsWith('store'));
      return (first < 0 ? [] : rows.slice(first)).map((row) => ({ ...row, at: row.at.toISOString() }));
    },
  };
}
