/**
 * Opens the house for one command and closes it afterwards. Engines load here and not with the command line,
 * so that a page of help or a mistyped word is answered at once.
 */
import type { Around } from './command.ts';
import type { House } from './house.ts';

/** To a database server, for one command: the statements of a scan come together, and few are under way at a time. */
const CONNECTIONS = 4;

export async function withHouse<T>({ config }: Around, work: (house: House) => Promise<T>): Promise<T> {
  const { remoteHouse } = await import('./remote.ts');
  const house = (await remoteHouse(config)) ?? (await ownHouse(config));
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}

async function ownHouse(config: Around['config']): Promise<House> {
  const [{ localHouse }, { openRooms }] = await Promise.all([
    import('./operations.ts'),
    import('./rooms.ts'),
  ]);
  return localHouse(await openRooms(config, CONNECTIONS));
}
