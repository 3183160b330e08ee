/** Takes in a file that the addressee answered with, and tells row by row what it changed. */
import { useRef, useState } from 'preact/hooks';
import type { TakeReceipt } from '../../api/batches.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { renew } from '../asked.ts';
import { Button } from '../keys.tsx';
import { say } from '../words.ts';
import { eventWord } from './passage.tsx';
import { troubleWords } from './states.tsx';
import { toast } from './toasts.tsx';

type Taken = Answer<typeof TakeReceipt>;

/** @param batch that rows named by number alone are of; null to let each row name its own. */
export function ReceiptForm({ batch }: { readonly batch: string | null }) {
  const input = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<Taken | null>(null);
  const send = async () => {
    const file = input.current?.files?.[0];
    if (file === undefined) return;
    try {
      const body = { file: await base64Of(file), ...(batch === null ? {} : { batch }) };
      const answer = await ask<typeof TakeReceipt>('post', '/api/receipts', { body });
      setTaken(answer);
      if (input.current !== null) input.current.value = '';
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('');
  };
  return (
    <section aria-labelledby="receipt">
      <h2 id="receipt">{say('receipts.title')}</h2>
      <form
        class="receipt"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label>
          {say('receipts.file')}
          <input ref={input} type="file" required accept=".csv,.xlsx,.json,.xml" />
        </label>
        <Button type="submit">{say('receipts.send')}</Button>
      </form>
      <div role="status">{taken === null ? null : <Told taken={taken} />}</div>
    </section>
  );
}

function Told({ taken: { known, rows } }: { readonly taken: Taken }) {
  if (known) return <p class="notice">{say('receipts.known')}</p>;
  const changed = rows.filter(({ why }) => why === null).length;
  return (
    <>
      <p>{say('receipts.done', { n: changed, all: rows.length })}</p>
      <ul class="plain-list">
        {rows.map(({ n, caseId, outcome, why }) => (
          <li key={n} class={why === null ? '' : 'warn'}>
            {n}. {caseId === null ? say('receipts.no_case') : <a href={`/cases/${caseId}`}>{caseId}</a>}:{' '}
            {why === null
              ? eventWord(outcome ?? '')
              : say(caseId === null || outcome === null ? 'receipts.unknown' : 'receipts.not_now', {
                  outcome: outcome === null ? '—' : plain(eventWord(outcome)),
                })}
          </li>
        ))}
      </ul>
    </>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
