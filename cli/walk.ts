/** The walk of `kuzet demo`: scan, cases with reasons, two officers, a batch built and verified, the desk left open. */
import { access, constants, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseResolve } from '../crawler/guard.ts';
import { startDemoWeb } from '../demo/serve.ts';
import { OFFENCES } from '../domain/referral.ts';
import { DEFAULT_SETTINGS } from '../domain/source.ts';
import { keptInWords } from '../exports/overblock/words.ts';
import { readOwner, StoreInUseError } from '../store/lock.ts';
import type { CaseLine } from './asks/cases.ts';
import { type Around, numberIn, UsageError, type Words } from './command.ts';
import type { House } from './house.ts';
import { only } from './house.ts';
import { localHouse } from './operations.ts';
import { progressLine } from './progress.ts';
import { batchText } from './refer-words.ts';
import { openRooms, type Rooms } from './rooms.ts';
import { scanText } from './scan.ts';
import { openDesk, untilStopped } from './serving.ts';
import { progressOf, workTally } from './tally.ts';
import { verifyCommand } from './verify.ts';
import { caseText } from './words.ts';

const FIRST_OFFICER = 'aigerim.example';
const SECOND_OFFICER = 'daniyar.example';
/** The demo web is our own, on this machine; a stranger's host is never asked this often. */
const DELAY_SECONDS = 0.02;

/** Makes the folder anew, walks, and leaves the desk open unless told to end. @returns exit code */
export async function runDemo(words: Words, around: Around): Promise<number> {
  const port = numberIn(words, 'demo', 'port', { least: 0, most: 65535, whole: true });
  const home = await demoFolder(around.config.home);
  const owner = await readOwner(join(home, 'store'));
  if (owner !== null) throw new StoreInUseError(join(home, 'store'), owner);
  if (home === around.config.home) {
    throw new UsageError(
      'demo',
      'The demo makes .kuzet-demo anew each time: set KUZET_HOME to another folder.',
    );
  }
  await rm(home, { recursive: true, force: true });
  const config = { ...around.config, home, databaseUrl: null, redisUrl: null };
  const web = await startDemoWeb();
  try {
    const rooms = await openRooms(config);
    try {
      const isWhole = await walk(rooms, web, { ...around, config });
      if (!words.isOn('exit')) await leaveOpen(rooms, port ?? config.port, { ...around, config });
      return isWhole ? 0 : 1;
    } finally {
      await rooms.close();
    }
  } finally {
    await web.close();
  }
}

/** Beside KUZET_HOME, or in it where nothing may be written beside it, as in a container. */
export async function demoFolder(home: string): Promise<string> {
  const beside = dirname(home);
  const may = await access(beside, constants.W_OK).then(
    () => true,
    () => false,
  );
  return may ? join(beside, '.kuzet-demo') : join(home, 'demo');
}

/** @returns whether every step did what it should. */
async function walk(
  rooms: Rooms,
  web: Awaited<ReturnType<typeof startDemoWeb>>,
  around: Around,
): Promise<boolean> {
  const { io, signal } = around;
  const house = localHouse(rooms);
  const heading = (text: string) => io.out(`\n== ${text}`);

  heading(`1. Scan ${web.seeds.length} made-up sites on this machine`);
  const settings = {
    ...DEFAULT_SETTINGS,
    pages: 100,
    delaySeconds: DELAY_SECONDS,
    resolve: parseResolve(web.resolve),
  };
  const seeds = web.seeds.map((text, at) => ({ line: at + 1, text }));
  const progress = progressLine(io);
  const tally = workTally(Date.now());
  let cases: readonly CaseLine[] = [];
  let canSee = true;
  for await (const event of house.ask(
    'scan',
    { seeds, settings, work: true, resume: false, detach: false },
    signal,
  )) {
    if (event.event === 'url') tally.take(event, Date.now());
    if (event.event === 'progress')
      progress.show(progressOf(event.counts, tally.figures(Date.now()), event.waiting));
    else if (event.event === 'done') {
      progress.clear();
      cases = event.cases;
      const { captured, hosts } = event.counts;
      io.out(`${captured} pages captured on ${hosts} hosts, each with its WARC; ${cases.length} cases.`);
    } else if (event.event !== 'url') for (const line of scanText(event)) io.out(line);
    if (event.event === 'started') canSee = event.browser !== null;
  }

  heading('2. Cases, riskiest first, with the reasons');
  for (const line of cases.flatMap(caseText)) io.out(line);

  heading(`3. Two cases: ${FIRST_OFFICER} confirms, ${SECOND_OFFICER} approves`);
  const chosen = cases
    .filter(({ label, subject }) => OFFENCES[label] !== undefined && subject.kind === 'site')
    .slice(0, 2);
  for (const { id, label, reasons } of chosen) {
    const ground = OFFENCES[label]!.grounds[0]!;
    const reason = `Признаки: ${reasons
      .slice(0, 3)
      .map((signal) => `«${signal.excerpt.slice(0, 60)}»`)
      .join('; ')}`;
    await only(house.ask('decide', { id, verdict: 'confirm', by: FIRST_OFFICER, ground, reason }));
    const refusal = await house
      .ask('approve', { id, by: FIRST_OFFICER })
      [Symbol.asyncIterator]()
      .next()
      .then(() => 'NOT REFUSED')
      .catch((cause: Error) => cause.message);
    io.out(`${id}: confirmed on ${ground}. The same officer approving it: "${refusal}"`);
    await only(house.ask('approve', { id, by: SECOND_OFFICER }));
    io.out(`${id}: approved by ${SECOND_OFFICER}.`);
    await letGo(id, house, around);
  }

  heading('4. A referral batch, built and verified');
  if (!canSee) {
    io.out('No browser starts on this machine, so there are no screenshots, and nothing leaves without one.');
    io.out('"kuzet doctor" says what mends it.');
    return true;
  }
  let file: string | null = null;
  for await (const event of house.ask('referBuild', {
    channel: 'operator_block',
    quarantine: false,
    limit: 50,
  })) {
    io.out(batchText(event, 'en'));
    if (event.event === 'built') file = event.file;
  }
  if (file === null) {
    io.err('The batch could not be built: see above.');
    return false;
  }
  return chosen.length === 2 && (await verifyCommand([file, '--lang', around.config.lang], io)) === 0;
}

/** Soft rules ask for care (officers who are a program decide in no time): one asks to let them go, the other confirms. */
async function letGo(id: string, house: House, { io, config: { lang } }: Around): Promise<void> {
  const rules = new Set<string>();
  for await (const { rule, kind, why, about } of house.ask('findings', { id })) {
    if (kind === 'soft') rules.add(rule);
    io.out(`${id}: ${rule} asks for care: ${keptInWords(about, lang, why)}.`);
  }
  for (const rule of rules) {
    const why = 'Демонстрация: сайт выдуман, оба сотрудника — программа.';
    await only(house.ask('overrideAsk', { id, rule, by: FIRST_OFFICER, why }));
    const word = { is: 'confirmed', by: SECOND_OFFICER, words: '' } as const;
    await only(house.ask('overrideAnswer', { id, rule, ...word }));
    io.out(`${id}: ${rule} let go by ${FIRST_OFFICER} and ${SECOND_OFFICER}.`);
  }
}

async function leaveOpen(rooms: Rooms, port: number, around: Around): Promise<void> {
  const { io, signal } = around;
  const desk = await openDesk(
    rooms,
    { port, hasWorkers: false, openAs: { login: 'guest', role: 'viewer' } },
    around,
  );
  io.out(`\nThe cases are open at ${desk.url} until Ctrl-C.`);
  await untilStopped(signal);
  await desk.close();
}
