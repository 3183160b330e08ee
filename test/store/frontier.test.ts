import { afterAll, describe } from 'vitest';
import { openDatabase } from '../../store/open.ts';
import { frontierConformance } from '../conformance/frontier.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';

frontierConformance('PGlite', () => openDatabase({ memory: true }));

const why = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
describe.skipIf(postgresMissing !== null)(`PostgreSQL${why}`, () => {
  let stop: () => Promise<void> = async () => {};
  afterAll(() => stop());
  frontierConformance('PostgreSQL', async () => {
    const server = await startPostgres();
    stop = () => server!.stop();
    return openDatabase({ url: server!.url });
  });
});
