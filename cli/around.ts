/** Opens the house for one command and closes it afterwards. */
import type { Around } from './command.ts';
import type { House } from './house.ts';
import { localHouse } from './operations.ts';
import { remoteHouse } from './remote.ts';
import { openRooms } from './rooms.ts';

export async function withHouse<T>({ config }: Around, work: (house: House) => Promise<T>): Promise<T> {
  const house = (await remoteHouse(config)) ?? localHouse(await openRooms(config));
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}
