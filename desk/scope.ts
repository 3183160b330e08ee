/**
 * Whose listings whoever asks may see: officers those of all marketplaces, a partner those of its own. Every route on
 * rings, actors, alerts and feedback asks this first, and hands the answer to the store, so that nothing else is read.
 */
import type { Context } from 'hono';
import { personOf } from './gate.ts';
import { DeskRefusedError } from './refusal.ts';
import { type DeskEnv, roleOf } from './tools.ts';

/**
 * The marketplace that what is told is about; null for all.
 *
 * @param asked what an officer narrows it to; a partner's own goes before it.
 * @throws DeskRefusedError `no_market` for a partner of none.
 */
export async function scopeOf(c: Context<DeskEnv>, asked?: string): Promise<string | null> {
  if (roleOf(c.get('who')) !== 'partner') return asked ?? null;
  return partnerOf(c);
}

/** The marketplace that a change is about: a partner's own, or the one that is named. @throws DeskRefusedError */
export async function marketOf(c: Context<DeskEnv>, named?: string): Promise<string> {
  const market = await scopeOf(c, named);
  if (market !== null) return market;
  throw new DeskRefusedError(422, 'no_marketplace', 'Name the marketplace that it is about.');
}

/** The marketplace of the partner who asks. @throws DeskRefusedError */
export async function partnerOf(c: Context<DeskEnv>): Promise<string> {
  const tenant = await c.get('tools').stores.tenants.ofLogin(personOf(c).login);
  if (tenant !== null) return tenant.id;
  throw new DeskRefusedError(403, 'no_market', 'Your account belongs to no marketplace yet: ask an admin.');
}
