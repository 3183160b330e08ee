/** `kuzet serve`: workers and the officers' desk, until Ctrl-C. */
import { oneOf } from './cases.ts';
import { type Command, numberIn, UsageError } from './command.ts';

const PARTS = ['workers', 'desk'] as const;

export const serveCommand: Command = {
  name: 'serve',
  usage: '[--only workers|desk] [--port N]',
  summary: 'Run workers and the desk until stopped.',
  about: [
    'On the embedded store one process does both, and the other commands work through it. With DATABASE_URL (and REDIS_URL) any number of "serve --only workers" and "serve --only desk" work side by side.',
    'Without accounts, a link for making the first one is printed.',
  ],
  options: [
    { name: 'only', value: 'workers|desk', about: 'Run one part.' },
    { name: 'port', value: 'N', about: 'Port of the desk (default KUZET_PORT, 7070); 0 takes a free one.' },
  ],
  examples: [
    ['kuzet serve', 'everything in one process'],
    ['kuzet serve --only workers', 'one more worker beside others'],
  ],
  async run(words, around) {
    const part = oneOf(words, 'serve', 'only', PARTS);
    const port = numberIn(words, 'serve', 'port', { least: 0, most: 65535, whole: true });
    if (part === 'workers' && around.config.databaseUrl === null) {
      throw new UsageError(
        'serve',
        'Workers alone need a store that others can reach: set DATABASE_URL to a PostgreSQL, or run "kuzet serve".',
      );
    }
    const [{ openRooms }, { serve }] = await Promise.all([import('./rooms.ts'), import('./serving.ts')]);
    const rooms = await openRooms(around.config);
    try {
      await serve(rooms, part, port ?? around.config.port, around);
    } finally {
      await rooms.close();
    }
    return 0;
  },
};
