/**
 * What a marketplace is told of a ring: once, not listing by listing. Again at 5, 10, 20 … members; when it became
 * part of another; when it turned out to be none. Not more often than every ten minutes: what grew meanwhile is
 * told then, as one.
 *
 *     ring changed ─► told of so many? ─┬─ more now, and time ───────► event ─► a delivery for each endpoint
 *                                       └─ more now, told just before ─► due_at, taken up by `tellDue`
 *
 * Everything happens in the transaction of the finding, so that no finding is without its alert and no alert
 * without its finding.
 */
import { alertLevel } from '../../domain/webhook.ts';
import {
  type AlertType,
  alertedTenants,
  dueRings,
  endDue,
  type NewEvent,
  noteTold,
  type Told,
  toldOf,
  writeEvents,
} from '../../store/alerts.ts';
import type { Standing } from '../../store/market.ts';
import type { Findings, Ring } from '../../store/rings.ts';
import { type Clock, newId } from '../clock.ts';
import type { RingNews } from './judge.ts';
import { clusterView } from './view.ts';

export interface TellTools {
  readonly clock: Clock;
  /** What the house calls itself in events, e.g. its public address. */
  readonly source: string;
}

export const COOL_DOWN_SECONDS = 600;
/** A ring of one person's listings is no affair of a marketplace's trust team. */
const LEAST_PEOPLE = 2;
/** An event is small: who wants all asks for the ring. */
const MOST_LISTINGS = 100;
const MOST_ACTORS = 40;

/** Hears what became of rings; for `onRings` of the market. */
export function ringTeller(tools: TellTools) {
  return async (findings: Findings, news: readonly RingNews[]): Promise<void> => {
    const events: NewEvent[] = [];
    // What ended first: a ring that took another in is told of once, by the merger.
    for (const { change } of news) {
      if (change.is === 'withdrawn') events.push(...(await withdrawn(findings, change.id, tools)));
      if (change.is === 'merged') events.push(...(await merged(findings, change.id, change.into, tools)));
    }
    for (const { change, isQuiet } of news) {
      if (change.is === 'open') events.push(...(await grown(findings, change.id, isQuiet, tools)));
    }
    await writeEvents(findings.tx, events);
  };
}

/** Tells what waited for its moment. */
export async function tellDue(findings: Findings, tools: TellTools, limit = 100): Promise<void> {
  const events: NewEvent[] = [];
  const now = tools.clock.now();
  for (const id of await dueRings(findings.tx, now, limit)) {
    events.push(...(await grown(findings, id, false, tools)));
    await endDue(findings.tx, id, now);
  }
  await writeEvents(findings.tx, events);
}

async function grown(
  findings: Findings,
  id: string,
  isQuiet: boolean,
  tools: TellTools,
): Promise<NewEvent[]> {
  const { tx } = findings;
  const now = tools.clock.now();
  const ring = (await findings.ringOf(id))!;
  const members = await findings.membersOf(id);
  const told = new Map((await toldOf(tx, id)).map((it) => [it.tenant, it]));
  const level = ring.actors >= LEAST_PEOPLE ? alertLevel(members.length) : 0;
  const events: NewEvent[] = [];
  for (const tenant of await alertedTenants(tx, marketsOf(members))) {
    const before = told.get(tenant) ?? { ringId: id, tenant, level: 0, toldAt: null, dueAt: null };
    if (level <= before.level) {
      if (before.dueAt !== null) await noteTold(tx, { ...before, dueAt: null });
    } else if (isQuiet) {
      await noteTold(tx, { ...before, level });
    } else if (before.toldAt !== null && now.getTime() < coolUntil(before.toldAt).getTime()) {
      await noteTold(tx, { ...before, dueAt: coolUntil(before.toldAt) });
    } else {
      await noteTold(tx, { ...before, level, toldAt: now, dueAt: null });
      events.push(
        eventOf(before.level === 0 ? 'ring.opened' : 'ring.grown', tenant, ring, members, {}, tools),
      );
    }
  }
  return events;
}

async function withdrawn({ tx, ...findings }: Findings, id: string, tools: TellTools): Promise<NewEvent[]> {
  const ring = (await findings.ringOf(id))!;
  const events: NewEvent[] = [];
  for (const before of await toldOf(tx, id)) {
    if (before.toldAt !== null && before.level > 0 && (await isAlerted(tx, before))) {
      events.push(eventOf('ring.withdrawn', before.tenant, ring, [], {}, tools));
    }
    await noteTold(tx, { ...before, level: 0, toldAt: null, dueAt: null });
  }
  return events;
}

async function merged(
  { tx, ...findings }: Findings,
  id: string,
  into: string,
  tools: TellTools,
): Promise<NewEvent[]> {
  const now = tools.clock.now();
  const ring = (await findings.ringOf(into))!;
  const members = await findings.membersOf(into);
  const toldOfOther = new Map((await toldOf(tx, into)).map((it) => [it.tenant, it]));
  const events: NewEvent[] = [];
  for (const before of await toldOf(tx, id)) {
    const { tenant } = before;
    await noteTold(tx, { ...before, level: 0, toldAt: null, dueAt: null });
    if (before.toldAt === null || before.level === 0 || !(await isAlerted(tx, before))) continue;
    events.push(eventOf('ring.merged', tenant, ring, members, { merged: id }, tools));
    const level = Math.max(alertLevel(members.length), toldOfOther.get(tenant)?.level ?? 0);
    const other = { ringId: into, tenant, level, toldAt: now, dueAt: null };
    toldOfOther.set(tenant, other);
    await noteTold(tx, other);
  }
  return events;
}

async function isAlerted(tx: Findings['tx'], { tenant }: Told): Promise<boolean> {
  return (await alertedTenants(tx, [tenant])).length > 0;
}

function coolUntil(toldAt: Date): Date {
  return new Date(toldAt.getTime() + COOL_DOWN_SECONDS * 1000);
}

function marketsOf(members: readonly Standing[]): string[] {
  return [...new Set(members.map(({ market }) => market))];
}

function eventOf(
  type: AlertType,
  tenant: string,
  ring: Ring,
  members: readonly Standing[],
  more: { readonly merged?: string },
  tools: TellTools,
): NewEvent {
  const { listings, actors, ...view } = clusterView(tenant, ring, members);
  return cloudEvent(type, tenant, ring.id, tools, {
    ...view,
    ...more,
    members: members.length,
    listings: listings.slice(0, MOST_LISTINGS).map(({ id }) => id),
    actors: actors
      .slice(0, MOST_ACTORS)
      .map(({ listings: own, ...actor }) => ({ ...actor, listings: own.length })),
    href: `/v1/clusters/${ring.id}`,
  });
}

/** In the JSON format of CloudEvents 1.0.2. */
export function cloudEvent(
  type: AlertType,
  tenant: string,
  subject: string,
  { clock, source }: TellTools,
  data: object,
): NewEvent {
  const id = `msg_${newId(clock).replaceAll('-', '')}`;
  const at = clock.now();
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type: `kuzet.${type}`,
    subject,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    data,
  });
  return { id, tenant, type, at, body };
}
