import { afterAll, describe } from 'vitest';
import { openDatabase } from '../../store/open.ts';
import { ledgerConformance } from '../conformance/ledger.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';

ledgerConformance('PGlite', () => openDatabase({ memory: true }));

const why = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
describe.skipIf(postgresMissing !== null)(`PostgreSQL${why}`, () => {
  let stop: () => Promise<void> = async () => {};
  afterAll(() => stop());
  ledgerConformance('PostgreSQL', async () => {
    const server = await startPostgres();
    stop = () => server!.stop();
    return openDatabase({ url: server!.url });
  });
});
