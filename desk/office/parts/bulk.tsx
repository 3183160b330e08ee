/** One decision on many cases: each is shown, each can be left out, and the number is typed when there are many. */
import { useEffect, useState } from 'preact/hooks';
import { OFFENCES } from '../../../domain/referral.ts';
import type { DecideBulk, PreviewBulk, UndoBulk } from '../../api/bulk.ts';
import { type Answer, ask } from '../api.ts';
import { renew } from '../asked.ts';
import { Button } from '../keys.tsx';
import { say } from '../words.ts';
import { State } from './case-bits.tsx';
import { Dialog } from './dialog.tsx';
import { Loading, Trouble, troubleWords } from './states.tsx';
import { toast } from './toasts.tsx';

/** As `TYPED_FROM` of the API, which refuses without. */
const TYPED_FROM = 20;
/** Of all that may be referred; which fits which case the API says. */
const GROUNDS = [...new Set(Object.values(OFFENCES).flatMap(({ grounds }) => grounds))].sort();
type Previewed = Answer<typeof PreviewBulk>['cases'];

export function BulkDialog({ ids, close }: { readonly ids: readonly string[]; readonly close: () => void }) {
  const [cases, setCases] = useState<Previewed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const [verdict, setVerdict] = useState<'confirm' | 'dismiss' | null>(null);
  const [ground, setGround] = useState('');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  useEffect(() => {
    ask<typeof PreviewBulk>('post', '/api/bulk/preview', { body: { ids: [...ids] } }).then(
      (told) => setCases(told.cases),
      setError,
    );
  }, []);
  const items = (cases ?? []).filter((it) => it.canBeDecided && !out.has(it.id));
  const isMany = items.length > TYPED_FROM;
  const isReady =
    verdict !== null &&
    (verdict === 'dismiss' || ground !== '') &&
    items.length > 0 &&
    reason.trim() !== '' &&
    (!isMany || Number(typed) === items.length);
  const decide = async () => {
    if (verdict === null) return;
    const shared = {
      items: items.map(({ id, revision }) => ({ id, revision })),
      reason,
      ...(isMany ? { typed: Number(typed) } : {}),
    };
    const body = verdict === 'confirm' ? { verdict, ground, ...shared } : { verdict, ...shared };
    try {
      const once = crypto.randomUUID();
      const { ended } = await ask<typeof DecideBulk>('post', '/api/bulk', { body }, { once });
      const done = ended.filter(({ is }) => is === 'done').map(({ id }) => id);
      toast({
        kind: done.length === ended.length ? 'done' : 'trouble',
        text: say('bulk.done', { n: done.length, all: ended.length }),
        seconds: 10,
        back: { keys: 'u', word: 'decide.undo', run: () => void undo(done) },
      });
      close();
    } catch (caught) {
      toast({ kind: 'trouble', text: troubleWords(caught) });
    }
    renew('');
  };
  return (
    <Dialog title={say('bulk.title')} close={close}>
      {error !== null ? <Trouble error={error} /> : cases === null ? <Loading /> : null}
      {cases === null ? null : (
        <form
          class="bulk"
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) void decide();
          }}
        >
          <ul class="bulk-list">
            {cases.map((it) => (
              <li key={it.id}>
                <img src={`/cases/${it.id}/thumbnail`} alt="" width="96" height="60" loading="lazy" />
                <label>
                  <input
                    type="checkbox"
                    checked={it.canBeDecided && !out.has(it.id)}
                    disabled={!it.canBeDecided}
                    onChange={() => {
                      const next = new Set(out);
                      if (!next.delete(it.id)) next.add(it.id);
                      setOut(next);
                    }}
                  />
                  <bdi>{it.subject.readable}</bdi>
                </label>
                <span class="meta">
                  {say(`label.${it.label}`)} · {it.canBeDecided ? <State it={it} /> : say('bulk.not_now')}
                </span>
              </li>
            ))}
          </ul>
          <fieldset class="choice">
            <legend>{say('decide.verdict')}</legend>
            {(['confirm', 'dismiss'] as const).map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name="bulk-verdict"
                  required
                  checked={verdict === each}
                  onChange={() => setVerdict(each)}
                />{' '}
                {say(`decide.${each}`)}
              </label>
            ))}
          </fieldset>
          {verdict !== 'confirm' ? null : (
            <label>
              {say('decide.ground')}
              <select required value={ground} onChange={(event) => setGround(event.currentTarget.value)}>
                <option value="">{say('bulk.choose_ground')}</option>
                {GROUNDS.map((it) => (
                  <option key={it} value={it}>
                    {say(`ground.${it}`)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label>
            {say('decide.reason')}
            <textarea
              rows={3}
              maxLength={2000}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          {isMany ? (
            <label>
              {say('bulk.type_number', { n: items.length })}
              <input
                inputMode="numeric"
                value={typed}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            </label>
          ) : null}
          <Button type="submit" class="main" disabled={!isReady}>
            {say('bulk.send', { n: items.length })}
          </Button>
        </form>
      )}
    </Dialog>
  );
}

async function undo(ids: readonly string[]): Promise<void> {
  const { ended } = await ask<typeof UndoBulk>('post', '/api/bulk/undo', { body: { ids: [...ids] } });
  const done = ended.filter(({ is }) => is === 'done').length;
  toast({ kind: 'done', text: say('bulk.undone', { n: done, all: ids.length }), seconds: 6 });
  renew('');
}
