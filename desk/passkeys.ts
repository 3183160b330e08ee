/**
 * Passkeys: keys that a person's device holds and unlocks (WebAuthn, level 3). Each is bound to the desk's own name and to
 * one account; the person is verified by the device, so that a key alone is enough.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Context } from 'hono';
import type { JSONValue } from 'hono/utils/types';
import type { LogIn } from '../store/accounts.ts';
import { ownOrigin } from './acts.ts';
import { callerAt, personOf, startSession } from './gate.ts';
import { DeskRefusedError } from './refusal.ts';
import type { DeskEnv } from './tools.ts';

type Desk = Context<DeskEnv>;
type Kept = { readonly challenge: string };

/** Keys asked for from one address in an hour. */
const MOST_TRIES = 200;
/** Anybody may begin a log-in: the attempt's own id, which is a secret of 256 bits, binds it to whoever was told it. */
const ANYBODY = 'anybody';

export async function beginPasskey(c: Desk) {
  const { stores, clock } = c.get('tools');
  const { login, name } = personOf(c);
  const options = await generateRegistrationOptions({
    rpName: 'Kuzet',
    rpID: hostOf(c),
    userName: login,
    userDisplayName: name,
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: (await stores.waysIn.passkeys(login)).map(({ id }) => ({ id })),
  });
  const kept: Kept = { challenge: options.challenge };
  return {
    attempt: await stores.waysIn.begin('passkey_new', login, kept, clock.now()),
    options: inJson(options),
  };
}

/** @throws DeskRefusedError when the answer does not fit what was asked. */
export async function addPasskey(
  c: Desk,
  given: { readonly attempt: string; readonly name: string; readonly response: unknown },
): Promise<void> {
  const { stores, clock } = c.get('tools');
  const { login } = personOf(c);
  const kept = await stores.waysIn.take<Kept>(given.attempt, 'passkey_new', login, clock.now());
  if (kept === null) throw doesNotFit();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: given.response as RegistrationResponseJSON,
    expectedChallenge: kept.challenge,
    expectedOrigin: ownOrigin(c),
    expectedRPID: hostOf(c),
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw doesNotFit(cause);
  });
  if (!verified || registrationInfo === undefined) throw doesNotFit();
  const { id, publicKey, counter, transports } = registrationInfo.credential;
  const it = {
    id,
    login,
    publicKey,
    counter,
    transports: transports ?? [],
    name: given.name.trim() || login,
  };
  if (!(await stores.waysIn.addPasskey(it, clock.now()))) throw doesNotFit();
}

export async function beginPasskeyLogIn(c: Desk) {
  const { stores, clock } = c.get('tools');
  if (!(await stores.allowance.takes(`passkeys ${callerAt(c)}`, MOST_TRIES, clock.now())))
    throw new DeskRefusedError(429, 'throttled', 'Too many tries from this address.');
  const options = await generateAuthenticationOptions({ rpID: hostOf(c), userVerification: 'required' });
  const kept: Kept = { challenge: options.challenge };
  return {
    attempt: await stores.waysIn.begin('passkey', ANYBODY, kept, clock.now()),
    options: inJson(options),
  };
}

/** @throws DeskRefusedError for a key that is unknown, copied, or of a disabled account: not told apart. */
export async function logInByPasskey(
  c: Desk,
  given: { readonly attempt: string; readonly response: unknown },
): Promise<Extract<LogIn, { is: 'in' }>> {
  const { stores, clock } = c.get('tools');
  const kept = await stores.waysIn.take<Kept>(given.attempt, 'passkey', ANYBODY, clock.now());
  const response = given.response as AuthenticationResponseJSON;
  const key = typeof response?.id === 'string' ? await stores.waysIn.passkey(response.id) : null;
  if (kept === null || key === null) throw doesNotFit();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: kept.challenge,
    expectedOrigin: ownOrigin(c),
    expectedRPID: hostOf(c),
    credential: { id: key.id, publicKey: key.publicKey, counter: key.counter },
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw doesNotFit(cause);
  });
  const isFresh =
    verified && (await stores.waysIn.usePasskey(key.id, authenticationInfo.newCounter, clock.now()));
  const entered = isFresh ? await stores.accounts.enter(key.login, clock.now()) : null;
  if (entered?.is !== 'in') throw doesNotFit();
  startSession(c, entered.token);
  return entered;
}

/** What is undefined is not there. */
function inJson(options: object): Record<string, JSONValue> {
  return JSON.parse(JSON.stringify(options)) as Record<string, JSONValue>;
}

function doesNotFit(cause?: unknown): DeskRefusedError {
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new DeskRefusedError(
    401,
    'bad_passkey',
    `The key does not fit${why}. Try again, or log in by password.`,
  );
}

function hostOf(c: Desk): string {
  return new URL(ownOrigin(c)).hostname;
}
