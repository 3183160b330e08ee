/** A process that wants the folder once it is told to go, says whether it got it, and stays until it is killed. */
import { once } from 'node:events';
import { lockFolder, StoreInUseError } from '../../store/lock.ts';

process.send!('ready');
await once(process, 'message');
try {
  await lockFolder(process.argv[2]!);
  process.send!('has it');
} catch (error) {
  if (!(error instanceof StoreInUseError)) throw error;
  process.send!('refused');
}
setInterval(() => undefined, 60_000);
