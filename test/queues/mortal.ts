/** A process that ends itself as the system would end it, and how it ended. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** @returns the signal that ended it, "done", or what it said when it failed. */
export async function mortal(module: URL, args: readonly string[]): Promise<string> {
  const it = fork(module, [...args], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  it.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const [code, signal] = (await once(it, 'exit')) as [number | null, string | null];
  return signal ?? (code === 0 ? 'done' : said);
}
