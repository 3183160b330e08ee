/**
 * The keyboard: one registry of what a key does now, shown on the buttons and listed by `?`.
 *
 * Letters are places on the keyboard (`KeyboardEvent.code`), named as on a Latin one, so that they work the same while
 * somebody types Russian or Kazakh. Keys do nothing while a field is typed in, except Escape and Ctrl+Enter; they can
 * be switched off altogether (WCAG 2.2, 2.1.4).
 */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { say, type Word } from './words.ts';

/** `j`, `shift+j`, `g c` (one after the other), `?`, `/`, `escape`, `enter`, `ctrl+enter`, `1`. */
export type KeyName = string;

export interface KeyDeed {
  readonly keys: KeyName;
  readonly word: Word;
  readonly run: () => void;
}

interface Layer {
  deeds: readonly KeyDeed[];
  /** Nothing below it is reached. */
  readonly isModal: boolean;
}

const layers: Layer[] = [];
const SEQUENCE_MS = 1_200;
let before: { readonly key: string; readonly at: number } | null = null;

/** Puts deeds on the keyboard while the component is there; a later layer goes before an earlier one. */
export function useKeys(deeds: readonly KeyDeed[], { isModal = false } = {}): void {
  const layer = useRef<Layer>({ deeds, isModal });
  layer.current.deeds = deeds;
  // With the drawing, not after it: what is seen works.
  useLayoutEffect(() => {
    const own = layer.current;
    layers.push(own);
    return () => {
      layers.splice(layers.indexOf(own), 1);
    };
  }, []);
}

/** What the keyboard does now, nearest layer first; a key that two layers take is the nearer one's. */
export function deedsNow(): KeyDeed[] {
  const seen = new Map<KeyName, KeyDeed>();
  for (const { deeds, isModal } of [...layers].reverse()) {
    for (const deed of deeds) if (!seen.has(deed.keys)) seen.set(deed.keys, deed);
    if (isModal) break;
  }
  return [...seen.values()];
}

/** The name of a pressed key; null for one that no deed can have. */
export function nameOf(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>,
): KeyName | null {
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return event.key === 'Enter' ? 'ctrl+enter' : null;
  if (event.key === '?' || (event.code === 'Slash' && event.shiftKey)) return '?';
  if (event.key === '/' || event.code === 'Slash') return '/';
  if (event.key === 'Escape') return 'escape';
  if (event.key === 'Enter') return 'enter';
  const letter = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code);
  const name = letter?.[1]?.toLowerCase() ?? letter?.[2];
  if (name === undefined) return null;
  return event.shiftKey ? `shift+${name}` : name;
}

const OFF = 'kuzet.keys';

export function areKeysOn(): boolean {
  return localStorage.getItem(OFF) !== 'off';
}

export function switchKeys(isOn: boolean): void {
  localStorage.setItem(OFF, isOn ? 'on' : 'off');
}

/** Once, when the app starts. */
export function listenToKeys(target: Pick<Document, 'addEventListener'>): void {
  target.addEventListener('keydown', (event) => {
    const name = nameOf(event);
    if (name === null || event.defaultPrevented || event.isComposing) return;
    const isAlways = name === 'escape' || name === 'ctrl+enter';
    if (!isAlways && (isTyping(event.target) || !areKeysOn())) return;
    // On a button or a link Enter is theirs.
    if (
      name === 'enter' &&
      event.target instanceof Element &&
      event.target.closest('a,button,summary,input,select')
    )
      return;
    const deed = deedOf(name);
    if (deed === undefined) return;
    event.preventDefault();
    deed.run();
  });
}

function deedOf(name: KeyName): KeyDeed | undefined {
  const deeds = deedsNow();
  const now = performance.now();
  const both = before !== null && now - before.at < SEQUENCE_MS ? `${before.key} ${name}` : null;
  const found = deeds.find(({ keys }) => keys === both) ?? deeds.find(({ keys }) => keys === name);
  before = found === undefined ? { key: name, at: now } : null;
  return found;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['radio', 'checkbox', 'button', 'submit'].includes(target.type);
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}

/** A key as it is printed on a button: hidden from screen readers, which hear `aria-keyshortcuts`. */
export function KeyCap({ keys }: { readonly keys: KeyName }) {
  return (
    <span class="key" aria-hidden="true">
      {shownKey(keys)}
    </span>
  );
}

const SIGNS: Readonly<Record<string, string>> = { escape: 'Esc', enter: '↵', ctrl: 'Ctrl', shift: '⇧' };

export function shownKey(keys: KeyName): string {
  return keys
    .split(' ')
    .map((key) =>
      key
        .split('+')
        .map((part) => SIGNS[part] ?? part.toUpperCase())
        .join('+'),
    )
    .join(' ');
}

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'onClick' | 'children'> & {
  readonly keys?: KeyName;
  readonly run?: () => void;
  readonly children: ComponentChildren;
};

/** A button that shows its key. That the key works is the screen's affair: `useKeys` with the same `run`. */
export function Button({ keys, run, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      {...(run === undefined ? {} : { onClick: run })}
      {...(keys === undefined ? {} : { 'aria-keyshortcuts': shownKey(keys) })}
    >
      <span>{children}</span>
      {keys === undefined ? null : <KeyCap keys={keys} />}
    </button>
  );
}

/** What the keyboard does now, as a list for the help. */
export function KeyList({ deeds }: { readonly deeds: readonly KeyDeed[] }) {
  return (
    <dl class="key-list">
      {deeds.map(({ keys, word }) => (
        <div key={keys}>
          <dt>
            <kbd class="key">{shownKey(keys)}</kbd>
          </dt>
          <dd>{say(word)}</dd>
        </div>
      ))}
    </dl>
  );
}
