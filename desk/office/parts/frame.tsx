/** What every screen shares: masthead, the bar of a lost network, the help with its keys, foot. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { onAnswer } from '../api.ts';
import { areKeysOn, Button, deedsNow, type KeyDeed, KeyList, switchKeys, useKeys } from '../keys.tsx';
import { go } from '../router.ts';
import { PAGES, SCREENS, type ScreenPlace } from '../screens.ts';
import { mail } from '../session.ts';
import { may, me } from '../told.ts';
import { say, spokenWords, type Word } from '../words.ts';
import { Dialog } from './dialog.tsx';
import { Toasts } from './toasts.tsx';

interface Entry extends Omit<ScreenPlace, 'file'> {
  readonly nav: Word;
}

/** The masthead's entries that this person may go to. */
function entries(): Entry[] {
  const all: readonly Omit<ScreenPlace, 'file'>[] = [...SCREENS, ...PAGES];
  return all.filter((it): it is Entry => it.nav !== undefined && may(it.action)).sort(byPlace);
}

const ORDER = ['/cases', '/batches', '/appeals'];
function byPlace(a: Entry, b: Entry): number {
  const rank = (it: Entry) => (ORDER.indexOf(it.path) + ORDER.length + 1) % (ORDER.length + 1);
  return rank(a) - rank(b);
}

export function Frame({
  lit,
  children,
}: {
  readonly lit: string | null;
  readonly children: ComponentChildren;
}) {
  const [help, setHelp] = useState<KeyDeed[] | null>(null);
  const places = entries();
  useKeys([
    { keys: '?', word: 'key.help', run: () => setHelp(deedsNow()) },
    ...places.flatMap(({ go: letter, nav, path }): KeyDeed[] =>
      letter === undefined ? [] : [{ keys: `g ${letter}`, word: nav, run: () => go(path) }],
    ),
  ]);
  return (
    <>
      <a class="skip" href="#content">
        {say('app.skip')}
      </a>
      {me().isVisitor ? (
        <p class="demo" role="note">
          {say('app.demo')}
        </p>
      ) : null}
      <header class="masthead">
        <a class="wordmark" href={may('case.read') ? '/cases' : '/rings'}>
          <img src="/assets/mark.svg" alt="" width="28" height="28" />
          <span>{say('app.name')}</span>
        </a>
        <nav aria-label={say('nav.label')}>
          {places.map(({ path, nav }) => (
            <a key={path} href={path} {...(path === lit ? { 'aria-current': 'page' as const } : {})}>
              {say(nav)}
            </a>
          ))}
        </nav>
        <div class="who">
          <Button class="quiet" keys="?" run={() => setHelp(deedsNow())}>
            {say('key.short')}
          </Button>
          <Who />
        </div>
      </header>
      <Network />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Toasts />
      <Foot />
      {help === null ? null : <Help deeds={help} close={() => setHelp(null)} />}
    </>
  );
}

function Who() {
  const { isVisitor, name, role } = me();
  if (isVisitor) return <span>{say('nav.guest')}</span>;
  return (
    <>
      <span>
        <a href="/account" title={say('nav.account')}>
          <b>{name}</b>
        </a>
        <small>{say(`role.${role}` as Word)}</small>
      </span>
      <form method="post" action="/log-out">
        <button type="submit" class="quiet">
          {say('nav.log_out')}
        </button>
      </form>
    </>
  );
}

/** Said while the desk is not reached, and while acts wait to reach it. */
function Network() {
  const [isHere, setHere] = useState(navigator.onLine);
  const [waiting, setWaiting] = useState(mail().waiting().length);
  useEffect(() => {
    const look = () => setWaiting(mail().waiting().length);
    const lost = () => setHere(false);
    const found = () => setHere(true);
    addEventListener('offline', lost);
    addEventListener('online', found);
    const stop = onAnswer((here) => {
      setHere(here);
      look();
    });
    const timer = setInterval(look, 2_000);
    return () => {
      removeEventListener('offline', lost);
      removeEventListener('online', found);
      stop();
      clearInterval(timer);
    };
  }, []);
  if (isHere && waiting === 0) return null;
  return (
    <p class="network" role="status">
      {isHere ? null : <span>{say('app.away')}</span>}
      {waiting === 0 ? null : <span>{say('app.unsent', { n: waiting })}</span>}
    </p>
  );
}

const LANGUAGES = { ru: 'Русский', kk: 'Қазақша', en: 'English' } as const;

function Foot() {
  const here = new URL(location.href);
  const inLanguage = (lang: string) => {
    const query = new URLSearchParams(here.search);
    query.set('lang', lang);
    return `${here.pathname}?${query}`;
  };
  return (
    <footer class="foot">
      <span>{say('app.time')}</span>
      <Theme />
      <nav class="languages" aria-label={say('nav.languages')}>
        {(['ru', 'kk', 'en'] as const).map((lang) =>
          lang === spokenWords().lang ? (
            <b key={lang} lang={lang}>
              {LANGUAGES[lang]}
            </b>
          ) : (
            <a key={lang} href={inLanguage(lang)} lang={lang} hreflang={lang}>
              {LANGUAGES[lang]}
            </a>
          ),
        )}
      </nav>
    </footer>
  );
}

const THEMES = ['system', 'light', 'dark'] as const;
const THEME = 'kuzet.theme';

/** The theme that this browser was told to have. */
export function dress(): void {
  const theme = localStorage.getItem(THEME) ?? 'system';
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? 'system');
  return (
    <label class="theme">
      <span>{say('app.theme')}</span>
      <select
        value={theme}
        onChange={(event) => {
          localStorage.setItem(THEME, event.currentTarget.value);
          setTheme(event.currentTarget.value);
          dress();
        }}
      >
        {THEMES.map((it) => (
          <option key={it} value={it}>
            {say(`app.theme.${it}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Help({ deeds, close }: { readonly deeds: readonly KeyDeed[]; readonly close: () => void }) {
  const [isOn, setOn] = useState(areKeysOn());
  return (
    <Dialog title={say('key.help')} close={close}>
      <KeyList deeds={deeds} />
      <label class="switch">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            switchKeys(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }}
        />
        <span>{say('key.switch')}</span>
      </label>
    </Dialog>
  );
}
