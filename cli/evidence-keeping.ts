/** `kuzet evidence hold|release|retention|delete|expire|approve|reject|custody`: what stays, what goes, who handled it. */
import { withHouse } from './around.ts';
import { type Around, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { personOf } from './person.ts';
import { safe } from './words.ts';

/** @returns null for words that are none of these. */
export async function keeping(
  verb: string | undefined,
  id: string | undefined,
  words: Words,
  around: Around,
): Promise<number | null> {
  if ((verb === 'hold' || verb === 'release') && id !== undefined) return hold(verb, id, words, around);
  if (verb === 'retention' && id === undefined) return retention(around);
  if (verb === 'delete' && id !== undefined) return propose(id, words, around);
  if (verb === 'expire' && id === undefined) return propose(null, words, around);
  if ((verb === 'approve' || verb === 'reject') && id !== undefined) return decide(verb, id, words, around);
  if (verb === 'custody' && id !== undefined) return custody(id, around);
  return null;
}

async function hold(what: 'hold' | 'release', id: string, words: Words, around: Around): Promise<number> {
  const input = { what, id, by: personOf(words), reason: reasonIn(words) };
  const told = await withHouse(around, (house) => only(house.ask('evidenceHold', input)));
  const sentence = what === 'hold' ? `${id} is on hold.` : `${id} is on hold no more.`;
  around.io.out(around.io.json ? JSON.stringify(told) : sentence);
  return 0;
}

async function retention(around: Around): Promise<number> {
  const { io } = around;
  const { periods, holds, due, proposals } = await withHouse(around, (house) =>
    only(house.ask('retention', {})),
  );
  if (io.json) {
    io.out(JSON.stringify({ periods, holds, due, proposals }));
    return 0;
  }
  io.out(
    `Kept for days: ${Object.entries(periods)
      .map((pair) => pair.join(' '))
      .join(', ')}.`,
  );
  io.out(`On hold: ${holds.length}`);
  for (const { subject, at, by, reason } of holds)
    io.out(`  ${subject} since ${at} by ${safe(by)}: ${safe(reason)}`);
  io.out(`Due: ${due.length}`);
  for (const { captureId, url, kind, since } of due)
    io.out(`  ${captureId} ${kind} since ${since} ${safe(url)}`);
  io.out(`Deletions that wait for another officer: ${proposals.length}`);
  for (const { id, at, by, reason, captures } of proposals) {
    io.out(`  ${id}: ${captures.length} captures, proposed ${at} by ${safe(by)}: ${safe(reason)}`);
  }
  return 0;
}

async function propose(id: string | null, words: Words, around: Around): Promise<number> {
  const { io } = around;
  const input = { id, by: personOf(words), reason: reasonIn(words) };
  const { proposal } = await withHouse(around, (house) => only(house.ask('evidenceDelete', input)));
  if (io.json) io.out(JSON.stringify({ proposal }));
  else if (proposal === null) io.out('Nothing is due.');
  else {
    io.out(
      `Proposal ${proposal.id}: ${proposal.captures.length} captures. Another officer says "kuzet evidence approve ${proposal.id}" or "reject ${proposal.id}".`,
    );
  }
  return 0;
}

async function decide(
  verdict: 'approve' | 'reject',
  id: string,
  words: Words,
  around: Around,
): Promise<number> {
  const { io } = around;
  if (!/^\d{1,15}$/.test(id)) throw new UsageError('evidence', `"${id}" is no number of a proposal.`);
  const input = { verdict, proposal: Number(id), by: personOf(words) };
  const { deleted, kept, blobs } = await withHouse(around, (house) =>
    only(house.ask('evidenceDecide', input)),
  );
  if (io.json) io.out(JSON.stringify({ deleted, kept, blobs }));
  else if (verdict === 'reject') io.out(`Proposal ${id} is rejected; nothing goes.`);
  else {
    for (const { captureId, why } of kept) io.out(`  ${captureId} stays: ${why.join(', ')}`);
    io.out(`${deleted.length} captures deleted, ${blobs} pieces gone; ${kept.length} stay.`);
  }
  return 0;
}

async function custody(id: string, around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let rows = 0;
    for await (const row of house.ask('custody', { id }, around.signal)) {
      rows += 1;
      const { by } = JSON.parse(row.entry) as { by?: string };
      io.out(
        io.json
          ? JSON.stringify(row)
          : `${row.seq}  ${row.at}  ${row.kind}  ${safe(row.subject)}${by === undefined ? '' : `  ${safe(by)}`}`,
      );
    }
    if (rows === 0 && !io.json) io.out(`The ledger names no ${safe(id)}.`);
    return rows === 0 ? 1 : 0;
  });
}

function reasonIn(words: Words): string {
  const reason = words.text('reason');
  if (reason === undefined) throw new UsageError('evidence', '--reason is missing.');
  return reason;
}
