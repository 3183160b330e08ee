/** What a page is built of, folded away until asked for, and the page itself, inert in a frame that lets nothing act. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ReadStructure } from '../../api/captures.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { say, type Word } from '../words.ts';
import { When } from './states.tsx';
import { Address, Plain } from './text.tsx';

export function Structure({ captureId }: { readonly captureId: string }) {
  const [isOpen, setOpen] = useState(false);
  const [isFramed, setFramed] = useState(false);
  useKeys([
    { keys: 'o', word: 'structure.open', run: () => setOpen(!isOpen) },
    { keys: 'p', word: 'structure.frame', run: () => setFramed(!isFramed) },
  ]);
  return (
    <section aria-labelledby="structure">
      <h2 id="structure">{say('structure.title')}</h2>
      <div class="deeds">
        <Button keys="o" aria-expanded={isOpen} run={() => setOpen(!isOpen)}>
          {say('structure.open')}
        </Button>
        <Button keys="p" aria-expanded={isFramed} run={() => setFramed(!isFramed)}>
          {say('structure.frame')}
        </Button>
      </div>
      {isOpen ? <Parts captureId={captureId} /> : null}
      {isFramed ? (
        <iframe
          class="inert"
          title={say('structure.frame')}
          src={`/api/captures/${captureId}/document`}
          sandbox=""
          referrerpolicy="no-referrer"
          loading="lazy"
        />
      ) : null}
    </section>
  );
}

type Told = Answer<typeof ReadStructure>;

function Parts({ captureId }: { readonly captureId: string }) {
  const key = `structure/${captureId}`;
  const load = () =>
    ask<typeof ReadStructure>('get', '/api/captures/{id}/structure', { params: { id: captureId } });
  const asked = useAsked(key, load);
  return (
    <When asked={asked} again={() => void preload(key, load)}>
      {(it: Told) => (
        <div class="structure">
          <List word="structure.links" rows={it.links}>
            {(link) => (
              <>
                {link.isOut ? <span class="chip">{say('structure.out')}</span> : null}{' '}
                <Plain>{link.text}</Plain> <Address>{link.href}</Address>
              </>
            )}
          </List>
          <List word="structure.forms" rows={it.forms}>
            {(form) => (
              <>
                {form.method.toUpperCase()} <Address>{form.action}</Address>{' '}
                <span class="note">{plain(form.fields.join(', '))}</span>
              </>
            )}
          </List>
          <List word="structure.scripts" rows={it.scripts}>
            {(src) => <Address>{src}</Address>}
          </List>
          <List word="structure.frames" rows={it.frames}>
            {(src) => <Address>{src}</Address>}
          </List>
          <List word="structure.contacts" rows={it.contacts}>
            {(text) => <Plain>{text}</Plain>}
          </List>
          <List word="structure.wallets" rows={it.wallets}>
            {(text) => <Plain>{text}</Plain>}
          </List>
          {it.hiddenText === '' ? null : (
            <>
              <h3>{say('structure.hidden')}</h3>
              <p class="text">
                <Plain>{it.hiddenText}</Plain>
              </p>
            </>
          )}
        </div>
      )}
    </When>
  );
}

function List<T>({
  word,
  rows,
  children,
}: {
  readonly word: Word;
  readonly rows: readonly T[];
  readonly children: (row: T) => ComponentChildren;
}) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>
        {say(word)} <span class="count">{rows.length}</span>
      </h3>
      <ul>
        {rows.map((row, at) => (
          <li key={at}>{children(row)}</li>
        ))}
      </ul>
    </>
  );
}
