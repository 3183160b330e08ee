/** `kuzet doctor`: is everything here that the work needs, and if not, what mends it. */
import { mkdir, statfs } from 'node:fs/promises';
import type { Around, Command } from './command.ts';

interface Finding {
  readonly check: string;
  /** `poor` works with less than it could. */
  readonly state: 'good' | 'poor' | 'bad';
  readonly found: string;
  /** What to do about it; null when nothing needs doing. */
  readonly mend: string | null;
}

const LEAST_DISK = 1e9;

export const doctorCommand: Command = {
  name: 'doctor',
  usage: '',
  summary: 'Check Node, engines, browser, disk and clock.',
  about: ['Exit code 1 when something is missing that Kuzet cannot work without.'],
  options: [],
  examples: [['kuzet doctor', 'before the first scan']],
  async run(_words, around) {
    const findings: Finding[] = [];
    for (const check of [node, engines, browser, disk, clock]) {
      const finding = await check(around);
      findings.push(finding);
      const mark = { good: 'ok  ', poor: 'note', bad: 'BAD ' }[finding.state];
      if (around.io.json) around.io.out(JSON.stringify(finding));
      else {
        around.io.out(`${mark}  ${finding.check.padEnd(8)} ${finding.found}`);
        if (finding.mend !== null) around.io.out(`${' '.repeat(15)}${finding.mend}`);
      }
    }
    return findings.some((finding) => finding.state === 'bad') ? 1 : 0;
  },
};

async function node(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  return {
    check: 'node',
    state: isNew ? 'good' : 'bad',
    found: `Node ${process.versions.node}`,
    mend: isNew ? null : 'Install Node 20.19 or newer.',
  };
}

async function engines(around: Around): Promise<Finding> {
  const { config } = around;
  const [{ remoteHouse }, { openRooms }] = await Promise.all([import('./remote.ts'), import('./rooms.ts')]);
  try {
    if ((await remoteHouse(config)) !== null) {
      return { check: 'engines', state: 'good', found: `"kuzet serve" runs on ${config.home}`, mend: null };
    }
    const rooms = await openRooms(config);
    try {
      const queues = await rooms.queues();
      const isEmbedded = rooms.database.engine === 'pglite';
      return {
        check: 'engines',
        state: isEmbedded ? 'poor' : 'good',
        found: `store on ${rooms.database.engine}, queue on ${queues.engine}, folder ${config.home}`,
        mend: isEmbedded
          ? 'The embedded store is for one process and survives a killed process but not a power cut: set DATABASE_URL (PostgreSQL 15 or newer) for real use.'
          : null,
      };
    } finally {
      await rooms.close();
    }
  } catch (cause) {
    return {
      check: 'engines',
      state: 'bad',
      found: (cause as Error).message,
      mend: 'Check DATABASE_URL, REDIS_URL and KUZET_HOME.',
    };
  }
}

async function browser({ config }: Around): Promise<Finding> {
  const { findBrowser } = await import('../crawler/browser.ts');
  const found = await findBrowser(config.chromium === null ? {} : { chromium: config.chromium });
  if (found.is === 'ready') {
    const { evidenceChromium } = config;
    const other = evidenceChromium === null ? null : await findBrowser({ chromium: evidenceChromium });
    const name = `${found.name} ${found.version} at ${found.executablePath}`;
    return {
      check: 'browser',
      state: other?.is === 'none' ? 'poor' : 'good',
      found:
        other === null
          ? name
          : other.is === 'ready'
            ? `${name}; evidence by ${other.name} ${other.version}`
            : `${name}; evidence too, since ${other.why}`,
      mend: other?.is === 'none' ? 'Set CHROMIUM_EVIDENCE to a browser that starts, or leave it out.' : null,
    };
  }
  return {
    check: 'browser',
    state: 'poor',
    found: found.why,
    mend: 'Pages are read over HTTP only, and nothing can be referred without screenshots. Install chromium-headless-shell, or set CHROMIUM to a browser.',
  };
}

async function disk({ config }: Around): Promise<Finding> {
  await mkdir(config.home, { recursive: true });
  const { bavail, bsize } = await statfs(config.home);
  const free = bavail * bsize;
  return {
    check: 'disk',
    state: free < LEAST_DISK ? 'bad' : 'good',
    found: `${(free / 1e9).toFixed(1)} GB free for ${config.home}`,
    mend: free < LEAST_DISK ? 'Free at least 1 GB, or set KUZET_HOME to a larger disk.' : null,
  };
}

/** Evidence carries times; a clock outside any plausible range makes it worthless. */
async function clock({ config }: Around): Promise<Finding> {
  const now = new Date();
  const isPlausible = now.getUTCFullYear() >= 2026 && now.getUTCFullYear() < 2100;
  return {
    check: 'clock',
    state: isPlausible ? 'good' : 'bad',
    found: `${now.toISOString()}, in Almaty ${new Intl.DateTimeFormat(config.lang, { dateStyle: 'short', timeStyle: 'short', timeZone: 'Asia/Almaty' }).format(now)}`,
    mend: isPlausible ? null : 'Set the clock (timedatectl set-ntp true).',
  };
}
