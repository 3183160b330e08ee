/**
 * Who may do what: one table. Every route of the desk names one of these actions (`may` in `gate.ts`),
 * and a route that names none keeps the desk from starting.
 *
 * Admins keep accounts and decide nothing; a partner is of one marketplace (`scope.ts`), sees nothing of the cases and
 * of rings its own listings: its programs use `/v1` with a key of their own. That nobody approves a decision of their own is no matter of roles: `domain/case.ts`.
 */
import { ROLES, type Role } from '../store/accounts.ts';

const READERS = ['viewer', 'officer', 'senior', 'supervisor', 'admin'] as const satisfies readonly Role[];

export const ACTIONS = {
  /** What stands before the door: the log-in page, style, health. */
  'desk.enter': 'everyone',
  /** With the token that the owner of the process holds; no account is asked for. */
  'local.run': 'bearer',
  /** With a key that a marketplace was given; no account is asked for, and no session will do. */
  'market.use': 'key',
  /** From this machine where no proxy stands before the desk, else with the token for it; numbers alone, of nobody. */
  'figures.read': 'scraper',
  'session.own': ROLES,
  'case.read': READERS,
  'case.decide': ['officer', 'senior'],
  'case.approve': ['officer', 'senior'],
  /** To let a soft over-blocking rule go: one asks, another one answers. */
  'override.ask': ['officer', 'senior'],
  'override.answer': ['officer', 'senior'],
  /** To hold a case while one works on it, and to take it over from another with words. */
  'case.hold': ['officer', 'senior'],
  /** To hand a case up, or to leave it alone for some days. */
  'case.put_off': ['officer', 'senior'],
  /** To take a decision back until it has left. */
  'case.reverse': ['officer', 'senior'],
  /** To read a sample of what others decided, without being told what that was. */
  'case.reread': ['officer', 'senior'],
  'reread.read': ['senior', 'supervisor', 'admin'],
  'queue.save': ['officer', 'senior', 'supervisor'],
  /** Saved searches of everybody's. */
  'queue.share': ['senior', 'supervisor'],
  /** Who looked at what. */
  'audit.read': ['supervisor', 'admin'],
  /** Rings of listings and who is behind them, by keyed hash; a partner sees its own marketplace's alone. */
  'ring.read': [...READERS, 'partner'],
  /** To have identifiers shown in clear, with words that the ledger keeps. */
  'ring.reveal': ['officer', 'senior'],
  /** To look for somebody by a telephone, address, device or account. */
  'actor.find': ['officer', 'senior', 'supervisor', 'partner'],
  /** To say of a ring that it is one, is none, or was taken down: the marketplace's own word. */
  'ring.answer': ['partner'],
  /** Where alerts go and what became of them; to send again, and to try an endpoint. */
  'delivery.read': ['officer', 'senior', 'supervisor', 'admin', 'partner'],
  'delivery.send': ['supervisor', 'admin', 'partner'],
  'statistics.read': READERS,
  'appeal.read': READERS,
  'appeal.judge': ['officer', 'senior'],
  'batch.read': READERS,
  'batch.build': ['senior', 'supervisor'],
  /** To take a batch's file along: evidence leaves with it. */
  'batch.take': ['senior', 'supervisor'],
  /** To take in what the addressee answered. */
  'receipt.take': ['officer', 'senior', 'supervisor'],
  'source.read': READERS,
  'source.change': ['senior', 'supervisor', 'admin'],
  /** Tips with their senders' contacts; to reply to them, and to take in a file of them. */
  'tip.read': ['officer', 'senior', 'supervisor'],
  'tip.change': ['officer', 'senior', 'supervisor'],
  'scan.start': ['officer', 'senior', 'supervisor'],
  /** To end a scan before it is through: what it has not asked for stays unasked. */
  'scan.stop': ['officer', 'senior', 'supervisor', 'admin'],
  /** By command alone; the desk has no route for it. */
  'model.change': ['supervisor', 'admin'],
  'people.read': ['supervisor', 'admin'],
  'people.change': ['admin'],
} as const satisfies Readonly<Record<string, readonly Role[] | 'everyone' | 'bearer' | 'key' | 'scraper'>>;

export type Action = keyof typeof ACTIONS;

/** Whether a role may; `null` stands for somebody who has not logged in. */
export function isAllowed(role: Role | null, action: Action): boolean {
  const allowed: readonly Role[] | string = ACTIONS[action];
  if (allowed === 'everyone') return true;
  return typeof allowed !== 'string' && role !== null && allowed.includes(role);
}

/** The screen on which somebody of a role begins. */
export function homeOf(role: Role | null): '/cases' | '/rings' {
  return role === 'partner' ? '/rings' : '/cases';
}
