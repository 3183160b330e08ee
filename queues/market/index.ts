/**
 * The index in memory over all listings that stand, made of the database's log and of nothing else: it is
 * followed row by row, in order, so that two processes that follow the same log hold the same index. When one was made
 * anew (`reindex.ts`), every process that holds an older one takes it as it follows, and answers with its own meanwhile.
 *
 * Of a listing only its postings stay in memory; what it says is read from the database when it is compared,
 * and the last ones read are kept: a number is of one version, which never changes, and the log that was followed tells
 * whether it stands, so that of what is kept nothing is asked.
 */

import { type Judged, type Matcher, matcher } from '../../classifiers/duplicates/matcher.ts';
import type { PairModel, Reason } from '../../classifiers/duplicates/pair-model.ts';
import { type Profile, profileOfSealed } from '../../classifiers/duplicates/profile.ts';
import type { ListingName, LogRow, MarketStore, Standing } from '../../store/market.ts';
import type { SnapshotFolder } from './snapshots.ts';

export interface MarketIndex {
  /** The last number of the log that is in. */
  position(): number;
  /** Takes in what came to the log. Safe to call from several places at once. */
  follow(): Promise<void>;
  profile(it: Version): Profile;
  /** Listings worth comparing with one that may be in already, that stand where the log was followed to; in the order of their numbers. */
  near(listing: Profile, self?: number): Promise<Near[]>;
  judge(a: Profile, b: Profile): Judged;
  /** What spoke for and against a copy, the strongest first. */
  reasonsOf(judged: Judged): Reason[];
  bytes(): number;
  /** Puts all that is in into a snapshot of that generation; @returns its SHA-256. */
  save(into: SnapshotFolder, generation: number): Promise<string>;
  /**
   * Takes the index that holds now in place of the one in memory, followed to where the log ends. Until it is whole the
   * old one answers. Nothing is done by one that was not followed yet, or that holds it already.
   */
  renew(): Promise<void>;
}

type Version = Pick<Standing, 'number' | 'listing' | 'market' | 'listingId'>;

/** A standing listing, read. */
export interface Near extends ListingName {
  readonly number: number;
  readonly profile: Profile;
}

/** An engine, up to which number of the log it is filled, and up to which it lies in a snapshot. */
interface Filled {
  readonly engine: Matcher;
  readonly generation: number;
  position: number;
  savedAt: number;
}

export interface IndexTools {
  readonly market: Pick<MarketStore, 'head' | 'log' | 'standing' | 'generation' | 'ends'>;
  readonly pairModel: PairModel;
  /** Where the index is kept between two lives of a process; without one it is made of the log again. */
  readonly snapshots?: SnapshotFolder | undefined;
  /** Rows of the log between two snapshots. */
  readonly snapshotEvery?: number;
  /** Hears of each row before it counts as followed; of some twice. */
  readonly onRow?: (row: LogRow) => void;
}

/** Rows of the log taken in at a time; in between others get their turn. */
const AT_ONCE = 200;
/** Profiles kept of the listings read last, some six kilobytes each: what they say of people is marks, as in the store. */
const MOST_KEPT = 20_000;

/** A snapshot of few takes longer than following them. */
const SNAPSHOT_EVERY = 20_000;

export function marketIndex({
  market,
  pairModel,
  snapshots,
  snapshotEvery = SNAPSHOT_EVERY,
  onRow,
}: IndexTools): MarketIndex {
  let current: Filled | null = null;
  const kept = new Map<number, Near>();
  let following: Promise<void> | null = null;
  let renewing: Promise<void> | null = null;

  /** The one that is kept, which is then the last to go. */
  const known = (number: number): Near | undefined => {
    const it = kept.get(number);
    if (it === undefined) return undefined;
    kept.delete(number);
    kept.set(number, it);
    return it;
  };

  const read = (it: Version): Near => {
    const { number, market: of, listingId, listing } = it;
    const before = known(number);
    if (before !== undefined) return before;
    const near = { number, market: of, listingId, profile: profileOfSealed(listing, String(number)) };
    kept.set(number, near);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return near;
  };

  const own = (): Matcher => {
    if (current === null) throw new Error('The index was not followed yet. Await follow() first.');
    return current.engine;
  };

  const open = async (): Promise<Filled> => {
    const generation = await market.generation();
    const found = (await snapshots?.load(pairModel.name, generation)) ?? null;
    // A snapshot of a log that is longer than this one is of another store.
    const saved = found !== null && found.position <= (await market.head()) ? found : null;
    const engine = matcher({ model: pairModel, fields: 'all', saved: saved?.engine });
    const position = saved?.position ?? 0;
    return { engine, generation, position, savedAt: position };
  };

  /** Takes in what the log holds after the position. */
  const fill = async (filled: Filled): Promise<void> => {
    const { engine } = filled;
    for (;;) {
      const rows = await market.log(filled.position, AT_ONCE);
      for (const row of rows) {
        const { number, market: of, listingId, listing, was } = row;
        if (was !== null) {
          engine.remove(was.number, read({ ...was, market: of, listingId }).profile);
          kept.delete(was.number);
        }
        if (listing !== null) {
          const it = read({ number, market: of, listingId, listing }).profile;
          engine.count(it);
          engine.insert(number, it);
        }
        onRow?.(row);
        filled.position = number;
      }
      if (filled.position - filled.savedAt >= snapshotEvery && snapshots !== undefined) {
        const { generation, position } = filled;
        await snapshots.save({ model: pairModel.name, generation, position, engine: engine.save() });
        filled.savedAt = filled.position;
      }
      if (rows.length < AT_ONCE) return;
    }
  };

  const followAll = async (): Promise<void> => {
    current ??= await open();
    const { head, generation } = await market.ends();
    if (head > current.position) await fill(current);
    // One that fails is tried again as soon as the log is followed again.
    if (generation !== current.generation) renewAll().catch(() => undefined);
  };

  const isOld = async (): Promise<boolean> =>
    current !== null && current.generation !== (await market.generation());

  /** Beside the one in memory, which goes on being followed and asked. */
  const renewAll = (): Promise<void> => {
    renewing ??= renewed().finally(() => {
      renewing = null;
    });
    return renewing;
  };

  const renewed = async (): Promise<void> => {
    const next = await open();
    await fill(next);
    // Another's following that came first takes nothing.
    while (following !== null) await following.catch(() => undefined);
    await alone(async () => {
      await fill(next);
      current = next;
    });
  };

  /** One at a time: whoever comes while another runs may have written after its last look, and looks again. */
  const alone = async (run: () => Promise<void>): Promise<void> => {
    if (following !== null) await following.catch(() => undefined);
    following ??= run().finally(() => {
      following = null;
    });
    await following;
  };

  return {
    position: () => current?.position ?? 0,
    follow: () => alone(followAll),
    profile: (it) => read(it).profile,
    async near(listing, self) {
      const found: Near[] = [];
      const unread: number[] = [];
      for (const number of own().candidates(listing, self)) {
        const it = known(number);
        if (it === undefined) unread.push(number);
        else found.push(it);
      }
      if (unread.length > 0) found.push(...(await market.standing(unread)).map(read));
      return found.sort((a, b) => a.number - b.number);
    },
    judge: (a, b) => own().judge(a, b),
    reasonsOf: (judged) => own().reasonsOf(judged),
    bytes: () => current?.engine.bytes() ?? 0,
    save: (into, generation) =>
      into.save({
        model: pairModel.name,
        generation,
        position: current?.position ?? 0,
        engine: own().save(),
      }),
    async renew() {
      while (await isOld()) await renewAll();
    },
  };
}
