/** Pieces that the market's screens share: the way between them and through a list, marks of people. */
import { addressOf } from '../api.ts';
import { Button, useKeys } from '../keys.tsx';
import { Plain } from '../parts/text.tsx';
import { go } from '../router.ts';
import { may, me } from '../told.ts';
import { say, sayIfKnown } from '../words.ts';

const TABS = [
  { path: '/rings', word: 'rings.title', action: 'ring.read' },
  { path: '/actors', word: 'actors.title', action: 'ring.read' },
  { path: '/deliveries', word: 'deliveries.title', action: 'delivery.read' },
  { path: '/feedback', word: 'feedback.title', action: 'ring.read' },
] as const;

/** Keys 1 to 4 go to them in their order. */
export function MarketTabs({ lit }: { readonly lit: (typeof TABS)[number]['path'] }) {
  const tabs = TABS.filter(({ action }) => may(action));
  useKeys(tabs.map(({ path, word }, at) => ({ keys: String(at + 1), word, run: () => go(path) })));
  return (
    <nav class="tabs market-tabs" aria-label={say('nav.market')}>
      {tabs.map(({ path, word }) => (
        <a key={path} href={path} {...(path === lit ? { 'aria-current': 'page' as const } : {})}>
          {say(word)}
        </a>
      ))}
    </nav>
  );
}

/** Of one marketplace, and sees nothing of others. */
export function isPartner(): boolean {
  return me().role === 'partner';
}

/** The way to the next page of a list, and back to its start. */
export function Paging({
  path,
  query,
  next,
}: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly next: string | null;
}) {
  const rest = Object.fromEntries([...query].filter(([name]) => name !== 'cursor' && name !== 'lang'));
  const start = query.get('cursor') === null ? null : addressOf(path, {}, rest);
  const onwards = next === null ? null : addressOf(path, {}, { ...rest, cursor: next });
  useKeys([
    ...(onwards === null ? [] : [{ keys: 'l', word: 'cases.older' as const, run: () => go(onwards) }]),
    ...(start === null ? [] : [{ keys: 'h', word: 'queue.first' as const, run: () => go(start) }]),
  ]);
  if (start === null && onwards === null) return null;
  return (
    <nav class="deeds pages" aria-label={say('cases.paging')}>
      {start === null ? null : (
        <Button keys="h" run={() => go(start)}>
          {say('queue.first')}
        </Button>
      )}
      {onwards === null ? null : (
        <Button keys="l" run={() => go(onwards)}>
          {say('cases.older')}
        </Button>
      )}
    </nav>
  );
}

/** A person's mark as it is told from others on one screen. */
export function Mark({
  kind,
  mark,
  isRow = false,
}: {
  readonly kind: string;
  readonly mark: string;
  readonly isRow?: boolean;
}) {
  return (
    <a class="mark code" href={`/actors/${kind}/${mark}`} title={mark} data-row={isRow ? '' : undefined}>
      {mark.slice(0, 10)}
    </a>
  );
}

export function kindName(kind: string): string {
  return sayIfKnown(`actors.kind.${kind}`, kind);
}

export function Flags({ flags }: { readonly flags: readonly string[] }) {
  if (flags.length === 0) return <>—</>;
  return (
    <>
      {flags.map((flag) => (
        <span key={flag} class="chip">
          {sayIfKnown(`actors.flag.${flag}`, flag)}
        </span>
      ))}
    </>
  );
}

/** What was paid in, as its seller wrote it; a currency is a word of somebody else. */
export function Price({
  price,
  currency,
}: {
  readonly price: number | null;
  readonly currency: string | null;
}) {
  if (price === null) return <>—</>;
  return <Plain>{`${price.toLocaleString('ru-KZ')} ${currency ?? ''}`.trim()}</Plain>;
}

/** Moves the focus between rows that carry `data-row`. */
export function useRowKeys(): void {
  const step = (by: number) => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    rows[Math.min(Math.max(0, at + by), rows.length - 1)]?.focus();
  };
  useKeys([
    { keys: 'j', word: 'key.next', run: () => step(1) },
    { keys: 'k', word: 'key.previous', run: () => step(-1) },
  ]);
}
