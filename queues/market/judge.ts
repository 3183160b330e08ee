/**
 * The stage that looks through the log of listings for copies: candidates, judgement, links, rings.
 *
 *     log row ─► index ─► candidates ─► judged pairs ─► links ─► the component they are in ─► clusters ─► rings
 *                                       └──────────── one transaction with the cursor ────────────┘
 *
 * A row is judged against all that stands. Who judges is whoever holds the cursor; another process that did the
 * same work meanwhile wins, and this one goes on behind it.
 */
import { ringId } from '../../classifiers/duplicates/actors.ts';
import { clustersOf } from '../../classifiers/duplicates/clusters.ts';
import { FINDING } from '../../classifiers/duplicates/matcher.ts';
import type { Profile } from '../../classifiers/duplicates/profile.ts';
import { planRings } from '../../classifiers/duplicates/ring-plan.ts';
import {
  type ListingName,
  type LogRow,
  type MarketStore,
  nameText,
  type Standing,
} from '../../store/market.ts';
import type { Findings, LinkRow, RingChange, RingRelation, RingStore } from '../../store/rings.ts';
import type { Clock } from '../clock.ts';
import type { MarketIndex } from './index.ts';
import { peopleIn } from './people.ts';

export interface JudgeTools {
  readonly market: MarketStore;
  readonly rings: RingStore;
  readonly index: MarketIndex;
  readonly clock: Clock;
  /** Hears, inside the transaction, what became of rings. */
  readonly onRings?: (findings: Findings, news: readonly RingNews[]) => Promise<void>;
}

export interface RingNews {
  readonly change: RingChange;
  /** Members as they stand; of a ring that is gone, as they stood. */
  readonly members: readonly Pick<Standing, 'market' | 'listingId' | 'isQuiet'>[];
  /** Everybody's doing that brought it about is quiet: a stock from before. */
  readonly isQuiet: boolean;
}

const RELATIONS: readonly RingRelation[] = ['duplicate_ad', 'same_photo'];
/** Rows judged in one transaction. */
const AT_ONCE = 20;
/** Listings of one component that are clustered together. */
const MOST_TOGETHER = 300;

/** Looks through the log to its end. */
export async function judgeLog(tools: JudgeTools): Promise<void> {
  const { market, rings, index } = tools;
  for (;;) {
    await index.follow();
    const from = await rings.judged();
    const rows = await market.log(from, AT_ONCE);
    if (rows.length === 0) return;
    const to = rows.at(-1)!.number;
    if (index.position() < to) continue;
    const links = await linksOf(rows, tools);
    await rings.judge(from, to, async (findings) => {
      await findings.link(links);
      const touched = rows.map(({ market: of, listingId }) => ({ market: of, listingId }));
      await renewRings(findings, touched, tools);
    });
  }
}

async function linksOf(rows: readonly LogRow[], { market, index }: JudgeTools): Promise<LinkRow[]> {
  const standing = await market.standing(rows.map(({ number }) => number));
  const links = new Map<string, LinkRow>();
  for (const it of standing) {
    const own = index.profile(it);
    for (const other of await index.near(own, it.number)) {
      const [a, b] = it.number < other.number ? [it.number, other.number] : [other.number, it.number];
      if (links.has(`${a} ${b}`)) continue;
      const judged = index.judge(other.profile, own);
      const { relation, score } = judged;
      if (relation === 'none') continue;
      links.set(`${a} ${b}`, { a, b, relation, score, reasons: index.reasonsOf(judged) });
    }
  }
  return [...links.values()];
}

/** Makes the rings anew that these listings are in, or were, or should be. */
export async function renewRings(
  findings: Findings,
  names: readonly ListingName[],
  tools: Pick<JudgeTools, 'index' | 'clock' | 'onRings'>,
  why: 'changed' | 'disputed' = 'changed',
): Promise<void> {
  const news: RingNews[] = [];
  for (const relation of RELATIONS) {
    const own = await findings.ringsOf(relation, names);
    const seeds = await findings.numbersOf([...names, ...own.flatMap(({ members }) => members)]);
    const { members, links } = await findings.component(relation, seeds, MOST_TOGETHER);
    if (own.length === 0 && links.length === 0) continue;
    news.push(...(await renew(findings, relation, members, links, tools, why)));
  }
  if (news.length > 0) await tools.onRings?.(findings, news);
}

async function renew(
  findings: Findings,
  relation: RingRelation,
  members: readonly Standing[],
  links: readonly LinkRow[],
  { index, clock }: Pick<JudgeTools, 'index' | 'clock'>,
  why: 'changed' | 'disputed',
): Promise<RingNews[]> {
  const byNumber = new Map(members.map((it) => [it.number, it]));
  const profileOf = (number: number): Profile => index.profile(byNumber.get(number)!);
  const score = (a: number, b: number): number => {
    const judged = index.judge(profileOf(a), profileOf(b));
    return judged.relation === relation ? judged.score : 0;
  };
  const clusters = clustersOf(links, { score, bound: FINDING }).map((cluster) => ({
    ...cluster,
    standing: cluster.members.map((number) => byNumber.get(number)!),
  }));
  const rings = await findings.ringsOf(relation, members);
  const named = clusters.map(({ standing }) => standing.map(nameText).sort());
  const namesOf = (of: readonly string[]) => of.map((name) => nameOf(relation, name));
  const borne = await findings.borne(named.flatMap(namesOf));
  const ids = new Set(rings.map(({ id }) => id));
  const plan = planRings(
    rings.map((ring) => ({ id: ring.id, members: ring.members.map(nameText) })),
    named,
    namesOf,
    new Set(borne.filter((id) => !ids.has(id))),
  );
  const before = new Map(rings.map((ring) => [ring.id, ring.members]));
  const opened = plan.open.map(({ id, cluster }): RingNews => {
    const { standing, density, centre } = clusters[cluster]!;
    const tied = links.filter(({ a, b }) => a === centre || b === centre);
    const change: RingChange = {
      is: 'open',
      id,
      relation,
      members: standing,
      actors: peopleIn(standing),
      // How sure it is that the ones around are copies of the one in the middle.
      score: tied.reduce((sum, link) => sum + link.score, 0) / Math.max(1, tied.length),
      density,
    };
    return { change, members: standing, isQuiet: standing.every(({ isQuiet }) => isQuiet) };
  });
  const isAsItWas = ({ change }: RingNews): boolean =>
    change.is === 'open' &&
    sameNames(change.members.map(nameText), (before.get(change.id) ?? []).map(nameText));
  const asTheyStood = (id: string) => (before.get(id) ?? []).map((name) => ({ ...name, isQuiet: false }));
  const news: RingNews[] = [
    ...opened.filter((it) => !isAsItWas(it)),
    ...plan.merged.map(({ id, into }) => ({
      change: { is: 'merged' as const, id, into },
      members: asTheyStood(id),
      isQuiet: false,
    })),
    ...plan.gone.map((id) => ({
      change: { is: 'withdrawn' as const, id, why },
      members: asTheyStood(id),
      isQuiet: false,
    })),
  ];
  await findings.change(
    news.map(({ change }) => change),
    clock.now(),
  );
  return news;
}

/** Named after one of its first listings, so that the same listings make the same ring wherever they are read. */
function nameOf(relation: RingRelation, member: string): string {
  const id = ringId([member]);
  return relation === 'duplicate_ad' ? id : id.replace('ring-', 'photos-');
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');
}
