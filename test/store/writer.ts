/** A process that writes rows one by one and says how many the store has acknowledged, until it is killed. */
import { openDatabase } from '../../store/open.ts';

const db = await openDatabase({ folder: process.argv[2]! });
for (let n = 1; ; n += 1) {
  await db.query("insert into host (host, politeness) values ($1, '{}')", [
    `h${String(n).padStart(6, '0')}.test`,
  ]);
  process.send!(n);
}
