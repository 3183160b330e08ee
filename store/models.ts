/**
 * Which model judges: a stack replayed from rows that are only ever added. A promotion puts a model on top, a
 * roll-back takes the top off; below all lies the model that came with the program, which has no name here.
 *
 * Every change is one transaction that holds the table, looks at what stands and only then writes, so that of
 * two at once the second sees what the first did.
 */
import type { Label, Score, Verdict } from '../domain/assessment.ts';
import { officerId } from '../domain/case.ts';
import { uuid7 } from '../domain/id.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { together } from './together.ts';

export interface ModelChange {
  readonly at: Date;
  readonly by: string;
  readonly kind: 'promoted' | 'rolled_back' | 'shadow_started' | 'shadow_ended';
  /** Null: the model that came with the program; of a shadow, none. */
  readonly was: string | null;
  readonly now: string | null;
  /** Reason and, of a promotion, the figures that it went by. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What judges now. */
export interface Serving {
  readonly current: string | null;
  readonly shadow: string | null;
  /** When `current` took the place; null when it never changed. */
  readonly since: Date | null;
}

export interface Evaluation {
  readonly at: Date;
  readonly candidate: string;
  readonly current: string;
  /** Of the files of held-out rows. */
  readonly rowsSha256: string;
  /** Sentences; empty when the candidate may be promoted. */
  readonly faults: readonly string[];
  readonly figures: unknown;
}

export type ModelRefusal =
  | 'not_evaluated'
  | 'worse'
  | 'changed'
  | 'serves_already'
  | 'nothing_before'
  | 'no_shadow'
  | 'unsaid';

/** A change of models that the rules do not allow. */
export class ModelRefusedError extends Error {
  override readonly name = 'ModelRefusedError';
  readonly facts: { readonly code: ModelRefusal };

  constructor(code: ModelRefusal, why: string) {
    super(why);
    this.facts = { code };
  }
}

/** What a model said of one page. */
export interface PageSaying {
  readonly captureId: string;
  readonly url: string;
  readonly at: Date;
  readonly verdict: Verdict;
  readonly label: Label;
  readonly score: Score;
  readonly signals: readonly string[];
}

/** One page, as both the model at work and the one in its shadow judged it. */
export interface Shadowed extends PageSaying {
  readonly shadow: Pick<PageSaying, 'verdict' | 'label' | 'score' | 'signals'>;
  /** What officers decided on the page's case: true for fraud; null when nothing. */
  readonly isFraud: boolean | null;
}

export interface Reference {
  readonly model: string;
  readonly takenFrom: 'shadow' | 'first_pages';
  /** The last page in it. */
  readonly until: Date;
  readonly spread: unknown;
}

export interface ModelStore {
  serving(): Promise<Serving>;
  /** Newest first. */
  changes(limit: number): Promise<ModelChange[]>;
  /** Notes what an evaluation found. */
  evaluated(it: Evaluation): Promise<void>;
  /** The last one of a candidate; null when there is none. */
  evaluation(candidate: string): Promise<Evaluation | null>;
  /**
   * @param order.bundled the name of the model that came with the program.
   * @throws ModelRefusedError unless the last evaluation against what serves now found no fault.
   */
  promote(
    order: ModelOrder & { readonly name: string; readonly bundled: string },
    now: Date,
  ): Promise<ModelChange>;
  /** Back to what served before. @throws ModelRefusedError when nothing did. */
  rollBack(order: ModelOrder, now: Date): Promise<ModelChange>;
  /** Puts a candidate into the shadow; null ends it. @throws ModelRefusedError */
  shadow(order: ModelOrder & { readonly name: string | null }, now: Date): Promise<ModelChange>;
  /** Pages that both judged, newest first; at most `limit`. */
  shadowed(model: string, limit: number): Promise<Shadowed[]>;
  /** Pages that this model judged, in the order they were captured, from `from` to before `to`. */
  judgedPages(model: string, from: Date, to: Date): AsyncIterable<PageSaying>;
  reference(model: string): Promise<Reference | null>;
  /** The first one stays. */
  keepReference(it: Reference, now: Date): Promise<Reference>;
  keepReport(model: string, report: unknown, now: Date): Promise<void>;
  /** Newest first. */
  reports(limit: number): Promise<{ at: Date; model: string; report: unknown }[]>;
}

interface ModelOrder {
  readonly by: string;
  readonly reason: string;
}

/** Pages read at a time. */
const AT_ONCE = 500;

export function modelStore(db: Database): ModelStore {
  const serving = together<null, Serving>(async (asks) => {
    const answer = await servingIn(db);
    return asks.map(() => ({ answer }));
  });
  return {
    serving: () => serving(null),
    changes: (limit) =>
      db.query<ModelChange>(
        'select at, by, kind, was, now, facts from model_change order by seq desc limit $1',
        [limit],
      ),
    async evaluated({ at, candidate, current, rowsSha256, faults, figures }) {
      await db.query(
        `insert into model_evaluation (at, candidate, current, rows_sha256, faults, figures)
         values ($1, $2, $3, $4, $5::jsonb, $6::jsonb)`,
        [at, candidate, current, rowsSha256, JSON.stringify(faults), JSON.stringify(figures)],
      );
    },
    evaluation: (candidate) => lastEvaluation(db, candidate),
    async promote({ name, bundled, by, reason }, now) {
      return changing(db, { by, reason }, now, async (tx, { current }) => {
        const serves = current ?? bundled;
        if (serves === name) throw new ModelRefusedError('serves_already', `${name} serves already.`);
        const found = await lastEvaluation(tx, name);
        const again = `Run "kuzet models evaluate ${name} --rows FILE" first.`;
        if (found === null)
          throw new ModelRefusedError('not_evaluated', `${name} was not evaluated. ${again}`);
        if (found.current !== serves) {
          throw new ModelRefusedError(
            'changed',
            `${name} was evaluated against ${found.current}, and ${serves} serves now. ${again}`,
          );
        }
        if (found.faults.length > 0) {
          throw new ModelRefusedError('worse', `${name} is not promoted: ${found.faults.join('; ')}.`);
        }
        const facts = { reason, evaluated: found.at, rows: found.rowsSha256, figures: found.figures };
        return { kind: 'promoted', was: current, now: name, facts };
      });
    },
    async rollBack({ by, reason }, now) {
      return changing(db, { by, reason }, now, async (_tx, { stack }) => {
        if (stack.length === 0) {
          throw new ModelRefusedError(
            'nothing_before',
            'The model that came with the program serves: there is nothing to go back to.',
          );
        }
        const facts = { reason };
        return { kind: 'rolled_back', was: stack.at(-1)!, now: stack.at(-2) ?? null, facts };
      });
    },
    async shadow({ name, by, reason }, now) {
      return changing(db, { by, reason }, now, async (_tx, { current, shadow }) => {
        if (name === null && shadow === null)
          throw new ModelRefusedError('no_shadow', 'No model is in the shadow.');
        if (name !== null && name === current) {
          throw new ModelRefusedError('serves_already', `${name} serves already: it needs no shadow.`);
        }
        if (name !== null && name === shadow) {
          throw new ModelRefusedError('serves_already', `${name} is in the shadow already.`);
        }
        return {
          kind: name === null ? 'shadow_ended' : 'shadow_started',
          was: shadow,
          now: name,
          facts: { reason },
        };
      });
    },
    async shadowed(model, limit) {
      return db.query<Shadowed>(
        `select c.id as "captureId", c.final_url as url, c.captured_at as at, p.verdict, p.label, p.score,
           ${signalIds('p')} as signals,
           jsonb_build_object('verdict', s.verdict, 'label', s.label, 'score', s.score, 'signals', s.signals) as shadow,
           (select bool_or(k.state <> 'dismissed') from case_capture kc join cases k on k.id = kc.case_id
            where kc.capture_id = c.id and k.state <> 'open') as "isFraud"
         from shadow_page s join capture c on c.id = s.capture_id join page p on p.capture_id = c.id
         where s.model = $1 order by c.id desc limit $2`,
        [model, limit],
      );
    },
    async *judgedPages(model, from, to) {
      // Captures are named in the order of time, so a stretch of time is a stretch of the key.
      let after = uuid7(from, new Uint8Array(10));
      const end = uuid7(to, new Uint8Array(10));
      for (;;) {
        const rows = await db.query<PageSaying>(
          `select c.id as "captureId", c.final_url as url, c.captured_at as at, p.verdict, p.label, p.score,
             ${signalIds('p')} as signals
           from page p join capture c on c.id = p.capture_id
           where p.capture_id > $2 and p.capture_id < $3 and p.assessment ->> 'model' = $1
           order by p.capture_id limit $4`,
          [model, after, end, AT_ONCE],
        );
        yield* rows;
        after = rows.at(-1)?.captureId ?? after;
        if (rows.length < AT_ONCE) return;
      }
    },
    async reference(model) {
      const [row] = await db.query<Reference>(
        'select model, taken_from as "takenFrom", until, spread from model_reference where model = $1',
        [model],
      );
      return row ?? null;
    },
    async keepReference({ model, takenFrom, until, spread }, now) {
      const [row] = await db.query<Reference>(
        `insert into model_reference (model, at, taken_from, until, spread) values ($1, $2, $3, $4, $5::jsonb)
         on conflict (model) do update set model = excluded.model
         returning model, taken_from as "takenFrom", until, spread`,
        [model, now, takenFrom, until, JSON.stringify(spread)],
      );
      return row!;
    },
    async keepReport(model, report, now) {
      await db.query('insert into drift_report (at, model, report) values ($1, $2, $3::jsonb)', [
        now,
        model,
        JSON.stringify(report),
      ]);
    },
    reports: (limit) =>
      db.query('select at, model, report from drift_report order by seq desc limit $1', [limit]),
  };
}

function signalIds(page: string): string {
  return `coalesce(jsonb_path_query_array(${page}.assessment, '$.signals[*].id'), '[]'::jsonb)`;
}

interface Standing extends Serving {
  /** Models that were promoted and not rolled back, the one that serves last. */
  readonly stack: readonly string[];
}

async function changing(
  db: Database,
  { by, reason }: ModelOrder,
  now: Date,
  decide: (tx: Queryable, standing: Standing) => Promise<Omit<ModelChange, 'at' | 'by'>>,
): Promise<ModelChange> {
  const officer = officerId(by);
  if (officer === '') throw new ModelRefusedError('unsaid', 'Name who changes the model (--by OFFICER).');
  if (reason.trim() === '') throw new ModelRefusedError('unsaid', 'Say why in words (--reason TEXT).');
  return db.transaction(async (tx) => {
    await tx.query('lock table model_change in share row exclusive mode');
    const change: ModelChange = { at: now, by: officer, ...(await decide(tx, await standingIn(tx))) };
    const [row] = await tx.query<{ seq: number }>(
      'insert into model_change (at, by, kind, was, now, facts) values ($1, $2, $3, $4, $5, $6::jsonb) returning seq',
      [now, officer, change.kind, change.was, change.now, JSON.stringify(change.facts)],
    );
    await appendToLedger(tx, [{ at: now, kind: 'model', subject: String(row!.seq), entry: { ...change } }]);
    return change;
  });
}

async function servingIn(db: Queryable): Promise<Serving> {
  const { current, shadow, since } = await standingIn(db);
  return { current, shadow, since };
}

async function standingIn(db: Queryable): Promise<Standing> {
  const rows = await db.query<Pick<ModelChange, 'kind' | 'now' | 'at'>>(
    'select kind, now, at from model_change order by seq',
  );
  const stack: string[] = [];
  let shadow: string | null = null;
  let since: Date | null = null;
  for (const { kind, now, at } of rows) {
    if (kind === 'promoted') stack.push(now!);
    else if (kind === 'rolled_back') stack.pop();
    else shadow = now;
    if (kind === 'promoted' || kind === 'rolled_back') since = at;
  }
  const current = stack.at(-1) ?? null;
  // A candidate that serves now has no shadow to stand in.
  return { current, shadow: shadow === current ? null : shadow, since, stack };
}

async function lastEvaluation(db: Queryable, candidate: string): Promise<Evaluation | null> {
  const [row] = await db.query<Evaluation>(
    `select at, candidate, current, rows_sha256 as "rowsSha256", faults, figures from model_evaluation
     where candidate = $1 order by seq desc limit 1`,
    [candidate],
  );
  return row ?? null;
}
