/** Who placed a ring, by keyed hash, and, for whoever says why, in clear. */
import { useState } from 'preact/hooks';
import type { ReadRing, RevealRing } from '../../api/rings.ts';
import { type Answer, ask } from '../api.ts';
import { Button, useKeys } from '../keys.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { troubleWords } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Copyable, Plain, Time } from '../parts/text.tsx';
import { toast } from '../parts/toasts.tsx';
import { may } from '../told.ts';
import { say } from '../words.ts';
import { Flags, isPartner, kindName, Mark } from './bits.tsx';

type Told = Answer<typeof ReadRing>;
type Value = Answer<typeof RevealRing>['values'][number];

export function RingPeople({ it }: { readonly it: Told }) {
  const [values, setValues] = useState<readonly Value[]>([]);
  const [isAsking, setAsking] = useState(false);
  const canReveal = may('ring.reveal');
  useKeys(canReveal ? [{ keys: 'o', word: 'rings.reveal', run: () => setAsking(true) }] : []);
  const clear = new Map(values.map(({ kind, mark, value }) => [`${kind} ${mark}`, value]));
  const own = isPartner();
  const rows = it.actors.map((each) => {
    const value = clear.get(`${each.kind} ${each.mark}`);
    return [
      <Mark key="mark" kind={each.kind} mark={each.mark} />,
      kindName(each.kind),
      ...(values.length === 0 ? [] : [value === undefined ? '—' : <Copyable key="value">{value}</Copyable>]),
      <Flags key="flags" flags={each.flags} />,
      each.network === null ? '—' : <Plain key="network">{each.network}</Plain>,
      each.listings,
      ...(own ? [] : [each.outside ?? '—']),
      each.first === null ? '—' : <Time key="first" at={each.first} />,
      each.last === null ? '—' : <Time key="last" at={each.last} />,
    ];
  });
  const heads = [
    say('actors.mark'),
    say('actors.kind'),
    ...(values.length === 0 ? [] : [say('actors.value')]),
    say('actors.flags'),
    say('actors.network'),
    say('rings.members'),
    ...(own ? [] : [say('actors.outside')]),
    say('actors.first'),
    say('actors.last'),
  ];
  return (
    <section class="verdict" aria-labelledby="people">
      <h2 id="people">{say('rings.actors')}</h2>
      <p class="aside">{say('rings.reveal_help')}</p>
      {canReveal && it.actors.length > 0 ? (
        <div class="deeds people-deeds">
          <Button keys="o" run={() => setAsking(true)}>
            {say('rings.reveal')}
          </Button>
        </div>
      ) : null}
      {rows.length === 0 ? null : <Table name={say('rings.actors')} heads={heads} rows={rows} />}
      {isAsking ? (
        <Reveal id={it.ring.id} close={() => setAsking(false)} show={(found) => setValues(found)} />
      ) : null}
    </section>
  );
}

function Reveal({
  id,
  close,
  show,
}: {
  readonly id: string;
  readonly close: () => void;
  readonly show: (values: readonly Value[]) => void;
}) {
  const [reason, setReason] = useState('');
  const reveal = async () => {
    try {
      const { values, listings } = await ask<typeof RevealRing>('post', '/api/rings/{id}/reveal', {
        params: { id },
        body: { reason },
      });
      show(values);
      const text = listings === 0 ? say('rings.reveal_none') : say('rings.revealed', { n: listings });
      toast({ kind: listings === 0 ? 'waiting' : 'done', text, seconds: 10 });
      close();
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  return (
    <Dialog title={say('rings.reveal')} close={close}>
      <form
        class="bulk"
        onSubmit={(event) => {
          event.preventDefault();
          void reveal();
        }}
      >
        <label>
          {say('rings.reveal_why')}
          <textarea
            rows={2}
            required
            minLength={10}
            maxLength={2000}
            value={reason}
            aria-describedby="reveal-help"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <p class="note" id="reveal-help">
          {say('rings.reveal_help')}
        </p>
        <div class="deeds">
          <Button class="main" type="submit">
            {say('rings.reveal_send')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
