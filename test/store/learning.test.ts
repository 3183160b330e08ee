import { afterAll, describe } from 'vitest';
import { openDatabase } from '../../store/open.ts';
import { learningStoreConformance } from '../conformance/learning-store.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';

learningStoreConformance('PGlite', () => openDatabase({ memory: true }));

const why = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
describe.skipIf(postgresMissing !== null)(`PostgreSQL${why}`, () => {
  let stop: () => Promise<void> = async () => {};
  afterAll(() => stop());
  learningStoreConformance('PostgreSQL', async () => {
    const server = await startPostgres();
    stop = () => server!.stop();
    return openDatabase({ url: server!.url });
  });
});
