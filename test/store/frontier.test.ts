import { afterAll, beforeAll, describe } from 'vitest';
import { openDatabase } from '../../store/open.ts';
import { frontierConformance } from '../conformance/frontier.ts';
import { scanStopConformance } from '../conformance/scan-stops.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';

frontierConformance('PGlite', () => openDatabase({ memory: true }));
scanStopConformance('PGlite', () => openDatabase({ memory: true }));

const why = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
describe.skipIf(postgresMissing !== null)(`PostgreSQL${why}`, () => {
  let server: Engine;
  beforeAll(async () => {
    server = (await startPostgres())!;
  });
  afterAll(() => server.stop());
  const open = async () => openDatabase({ url: await freshDatabase(server) });
  frontierConformance('PostgreSQL', open);
  scanStopConformance('PostgreSQL', open);
});
