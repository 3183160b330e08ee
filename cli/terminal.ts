/** The real standard streams behind `Io`. A reader that went away (`| head`) ends the command quietly. */
import { once } from 'node:events';
import type { Io } from './io.ts';

export function processIo(json: boolean): Io {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit(0);
    throw cause;
  });
  return {
    stdin: process.stdin,
    out: (line) => {
      process.stdout.write(`${line}\n`);
    },
    err: (line) => {
      process.stderr.write(`${line}\n`);
    },
    json,
    isTerminal: process.stderr.isTTY === true,
    drained: async () => {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    },
  };
}
