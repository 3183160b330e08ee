/**
 * Which browser renders: the first of these that really starts.
 *
 * 1. the one the configuration names (and then no other: a wrong path is an error to be told);
 * 2. Playwright's own, where it was installed;
 * 3. the system's: chromium-headless-shell (half the cost of a render), chromium, google-chrome;
 * 4. the one that ships inside npm, `@sparticuz/chromium`, with the libraries it brings along.
 *
 * The browser's own sandbox is on. As root it cannot be; then it runs without, and in production
 * (NODE_ENV=production) not at all.
 */
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium as playwrightChromium } from 'playwright';

export type BrowserFound =
  | {
      readonly is: 'ready';
      readonly executablePath: string;
      readonly args: readonly string[];
      /** All of its environment: ours holds passwords, and a hostile page may take the browser over. */
      readonly env: Readonly<Record<string, string>>;
      readonly isSandboxed: boolean;
      /** As a person knows it, e.g. `chromium-headless-shell`. */
      readonly name: string;
      /** e.g. `153.0.7215.0`. */
      readonly version: string;
    }
  | { readonly is: 'none'; readonly why: string };

export type ReadyBrowser = Extract<BrowserFound, { is: 'ready' }>;

/**
 * A page is not told that a programme drives its browser (`navigator.webdriver`): who asks is said by the user agent.
 * Nothing but what a page asks for leaves the browser, and that only through the gate: no name is looked up
 * by the browser itself, no QUIC, no WebRTC past the proxy, nothing in the background.
 */
export const BROWSER_ARGS: readonly string[] = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--disable-breakpad',
  '--no-pings',
  '--mute-audio',
  '--dns-prefetch-disable',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--font-render-hinting=none',
  '--disable-blink-features=AutomationControlled',
  // A script's heap in megabytes: no page needs more, and its process ends before the machine's memory does.
  '--js-flags=--max-old-space-size=512',
];

/** Nothing listens there: a request that somehow missed the gate ends here. */
export const NOWHERE = 'http://127.0.0.1:9';

interface Candidate {
  readonly name: string;
  find(): Promise<Found | null>;
}

interface Found {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface BrowserWishes {
  /** Path from the configuration. */
  readonly chromium?: string | null;
  /** Where the packaged browser is unpacked; the user's cache folder unless told otherwise. */
  readonly cacheFolder?: string;
  /** Of `ready.name`; only these are tried. For tests. */
  readonly only?: readonly string[];
}

export async function findBrowser(wishes: BrowserWishes = {}): Promise<BrowserFound> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && process.env['NODE_ENV'] === 'production') {
    const why =
      'as root a browser has no sandbox, and production does not run without one. Start Kuzet as another user.';
    return { is: 'none', why };
  }
  const tried: string[] = [];
  for (const candidate of candidates(wishes)) {
    if (wishes.only !== undefined && !wishes.only.includes(candidate.name)) continue;
    try {
      const found = await candidate.find();
      if (found === null) continue;
      const ready = await firstStart(candidate.name, found, isRoot);
      if (ready.is === 'ready') return ready;
      tried.push(`${candidate.name}: ${ready.why}`);
    } catch (error) {
      tried.push(`${candidate.name}: ${firstLine(error)}`);
    }
  }
  const asked = wishes.chromium ?? null;
  const wayOut =
    asked === null ? 'Install Chromium, or name one by CHROMIUM=/path/to/chromium.' : 'Mend the path.';
  return { is: 'none', why: `${tried.length === 0 ? 'no browser was found' : tried.join('; ')}. ${wayOut}` };
}

function candidates({ chromium, cacheFolder }: BrowserWishes): Candidate[] {
  if (chromium !== undefined && chromium !== null && chromium !== '') {
    return [{ name: chromium, find: async () => ({ executablePath: chromium, env: plainEnvironment() }) }];
  }
  const system = [
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
  ];
  return [
    { name: 'playwright', find: async () => existing(playwrightChromium.executablePath()) },
    ...system.map((name) => ({ name, find: () => onPath(name) })),
    { name: '@sparticuz/chromium', find: () => packaged(cacheFolder ?? join(homedir(), '.cache', 'kuzet')) },
  ];
}

async function existing(executablePath: string): Promise<Found | null> {
  const isThere = await stat(executablePath).then(
    (it) => it.isFile(),
    () => false,
  );
  return isThere ? { executablePath, env: plainEnvironment() } : null;
}

async function onPath(name: string): Promise<Found | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = folder === '' ? null : await existing(join(folder, name));
    if (found !== null) return found;
  }
  return null;
}

/** Starts it once and takes a picture: a browser that only prints its version may still lack its libraries. */
async function firstStart(
  name: string,
  { executablePath, env }: Found,
  isRoot: boolean,
): Promise<BrowserFound> {
  let why = '';
  // Many containers forbid what the sandbox needs; outside production that may not stop the work.
  const ways = isRoot ? [false] : process.env['NODE_ENV'] === 'production' ? [true] : [true, false];
  for (const isSandboxed of ways) {
    const trial = { executablePath, args: BROWSER_ARGS, env, isSandboxed };
    let browser: Browser | null = null;
    try {
      browser = await playwrightChromium.launch(launchOptions(trial));
      const page = await browser.newPage();
      await page.setContent('<b id="word">Күзет</b>');
      await page.screenshot({ timeout: 10_000 });
      const width = await page.locator('#word').evaluate((word) => word.getBoundingClientRect().width);
      if (width === 0) throw new Error('it finds no font, so every picture would be empty of words');
      return { is: 'ready', ...trial, name, version: browser.version() };
    } catch (error) {
      why = firstLine(error);
    } finally {
      await browser?.close().catch(() => {});
    }
  }
  return { is: 'none', why };
}

/** For Playwright's `launch`, and for Crawlee, which passes them on. */
export function launchOptions(
  browser: Pick<ReadyBrowser, 'executablePath' | 'args' | 'env' | 'isSandboxed'>,
) {
  return {
    executablePath: browser.executablePath,
    args: [...browser.args],
    chromiumSandbox: browser.isSandboxed,
    headless: true,
    proxy: { server: NOWHERE },
    timeout: 30_000,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    env: { ...browser.env },
  };
}

interface PackagedChromium {
  executablePath(): Promise<string>;
  setGraphicsMode: boolean;
}

/**
 * The package unpacks itself into the temporary folder and changes our environment so that the loader finds
 * its libraries; it does both only when it takes the machine for AWS Lambda. Here it unpacks into a folder
 * of our own (a planted /tmp/chromium is never run), whole or not at all, and the environment is put back.
 */
async function packaged(cacheFolder: string): Promise<Found | null> {
  const version = packagedVersion();
  if (version === null || process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = join(cacheFolder, `chromium-${version}`);
  const executablePath = join(folder, 'chromium');
  if ((await existing(executablePath)) === null) await unpack(cacheFolder, folder);
  const libraries = [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH'] ?? ''];
  return {
    executablePath,
    env: {
      ...plainEnvironment(),
      LD_LIBRARY_PATH: libraries.filter((path) => path !== '').join(':'),
      FONTCONFIG_FILE: join(folder, 'kuzet-fonts.conf'),
    },
  };
}

function packagedVersion(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    const root = entry.slice(0, entry.lastIndexOf('@sparticuz'));
    return (
      createRequire(import.meta.url)(join(root, '@sparticuz/chromium/package.json')) as { version: string }
    ).version;
  } catch {
    return null;
  }
}

/** The package's own configuration looks for its fonts in /tmp/fonts only. */
function fontsConfiguration(folder: string): string {
  const folders = [
    join(folder, 'fonts'),
    '/usr/share/fonts',
    '/usr/local/share/fonts',
    join(homedir(), '.fonts'),
  ];
  const lines = folders.map((path) => `  <dir>${escaped(path)}</dir>`);
  return [
    '<?xml version="1.0"?>',
    '<fontconfig>',
    ...lines,
    `  <cachedir>${escaped(join(folder, 'fonts-cache'))}</cachedir>`,
    '</fontconfig>',
    '',
  ].join('\n');
}

function escaped(path: string): string {
  return path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const LAMBDA = { AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' } as const;
const TOUCHED = [...Object.keys(LAMBDA), 'TMPDIR', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH'];

async function unpack(cacheFolder: string, folder: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(join(cacheFolder, 'unpacking-'));
  const before = TOUCHED.map((name) => [name, process.env[name]] as const);
  try {
    Object.assign(process.env, LAMBDA, { TMPDIR: fresh });
    const { default: chromium } = (await import('@sparticuz/chromium')) as unknown as {
      default: PackagedChromium;
    };
    await chromium.executablePath();
    await chmod(join(fresh, 'chromium'), 0o700);
    await writeFile(join(fresh, 'kuzet-fonts.conf'), fontsConfiguration(folder));
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another process may have been quicker; its copy serves as well.
    if ((await existing(join(folder, 'chromium'))) === null) throw error;
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const HARMLESS =
  /^(?:PATH|HOME|USER|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|XDG_\w+|FONTCONFIG_\w+|LD_LIBRARY_PATH|SystemRoot|TEMP|TMP|LOCALAPPDATA|USERPROFILE)$/;

function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && HARMLESS.test(name) ? [[name, value]] : [],
    ),
  );
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n').map((line) => line.trim());
  const telling = lines.find((line) =>
    /error while loading|No usable sandbox|ENOENT|EACCES|doesn't exist/i.test(line),
  );
  return (telling ?? lines[0] ?? 'it did not start').replace(/^browserType\.launch: /, '').slice(0, 300);
}
