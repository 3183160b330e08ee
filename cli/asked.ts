/** What the operations done in this process share: their shape, who may ask for them, and how they answer. */
import { type Action, isAllowed } from '../desk/roles.ts';
import { officerId } from '../domain/case.ts';
import { accountStore } from '../store/accounts.ts';
import type { Plain } from './asks/plain.ts';
import type { OperationName, Operations } from './house.ts';
import type { Rooms } from './rooms.ts';

export type Doing = {
  readonly [Name in OperationName]: (
    input: Operations[Name]['input'],
    signal: AbortSignal,
  ) => AsyncIterable<Operations[Name]['event']>;
};

/** The named officer has no account that may decide. */
export class NoSuchOfficerError extends Error {
  override readonly name = 'NoSuchOfficerError';
  readonly facts: { readonly officer: string };

  constructor(officer: string) {
    super(`"${officer}" has no account here that may decide. An admin makes one at the desk, under People.`);
    this.facts = { officer };
  }
}

/** Once the house has accounts, whoever decides has one; before the first, a name is enough. */
export async function needOfficer(rooms: Rooms, by: string, action: Action = 'case.decide'): Promise<void> {
  const accounts = accountStore(rooms.database);
  if ((await accounts.count()) === 0) return;
  const account = await accounts.find(officerId(by));
  const mayDecide = account !== null && account.status === 'active' && isAllowed(account.role, action);
  if (!mayDecide) throw new NoSuchOfficerError(by);
}

/** A value as it comes out of JSON. */
export function plain<T>(value: T): Plain<T> {
  return JSON.parse(JSON.stringify(value)) as Plain<T>;
}
