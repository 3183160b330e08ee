/** Sends what an officer decided and goes on at once; takes it back; gives a case back. */
import { useEffect, useRef } from 'preact/hooks';
import type { UndoCase } from '../../api/cases.ts';
import type { AnswerReread } from '../../api/rereads.ts';
import { ask } from '../api.ts';
import { renew } from '../asked.ts';
import type { CaseTold } from '../case-told.ts';
import type { Sent } from '../parts/decide.tsx';
import { troubleWords } from '../parts/states.tsx';
import { toast } from '../parts/toasts.tsx';
import { go } from '../router.ts';
import { mail } from '../session.ts';
import { say, sayIfKnown } from '../words.ts';
import { caseKey, HOLD_AGAIN_MS, prepareNext, type Work } from '../work.ts';

/** Holds this case and fetches the one after it, while the case is on the screen. */
export function useNext(it: CaseTold, work: Work | null): { current: Promise<string | null> } {
  const next = useRef<Promise<string | null>>(Promise.resolve(null));
  useEffect(() => {
    if (work === null) return;
    const prepare = () => {
      next.current = prepareNext(work, [it.id]).catch(() => null);
    };
    prepare();
    const timer = setInterval(prepare, HOLD_AGAIN_MS);
    return () => clearInterval(timer);
  }, [it.id, work]);
  return next;
}

/** Goes on at once; how the sending ends is told when it has ended. */
export async function sendDeed(
  it: CaseTold,
  { deed, path, body }: Sent,
  work: Work | null,
  next: Promise<string | null>,
): Promise<void> {
  const letter = {
    key: crypto.randomUUID(),
    method: 'post' as const,
    address: `/api/cases/${it.id}/${path}`,
    body,
    about: it.id,
    writtenAt: new Date().toISOString(),
  };
  const sending = mail().post(letter);
  const back = { keys: 'u', word: 'decide.undo' as const, run: () => void undo(it.id, work) };
  toast({ kind: 'done', text: `${it.id}: ${say(`done.${deed}`)}`, seconds: UNDO_SECONDS, back });
  if (work !== null) {
    const id = await next;
    if (id === null) go('/cases');
    else go(`/cases/${id}?work=${work}`);
  }
  const ending = await sending;
  if (ending.is === 'refused') {
    const why = sayIfKnown(`error.${ending.code}`, say('error.internal'));
    toast({ kind: 'trouble', text: say('app.unsent_refused', { about: it.id, why }) });
  } else if (ending.is === 'waiting') {
    toast({ kind: 'waiting', text: say('app.kept', { about: it.id }), seconds: UNDO_SECONDS });
  }
  renew(caseKey(it.id));
  renew('queue/');
  renew('counts/');
}

/** What a second reader says of a decided case; what had been decided is told then, and not before. */
export async function sendReading(it: CaseTold, reread: number, { deed, body }: Sent): Promise<void> {
  const { reason, ground } = body as { readonly reason: string; readonly ground?: string };
  const reading =
    deed === 'confirm'
      ? ({ verdict: 'confirm', ground: ground ?? '', reason } as const)
      : ({ verdict: 'dismiss', reason } as const);
  try {
    const { agrees, reopened } = await ask<typeof AnswerReread>('post', '/api/rereads/{id}/answer', {
      params: { id: String(reread) },
      body: reading,
    });
    const word = agrees ? 'reread.agreed' : reopened ? 'reread.reopened' : 'reread.apart';
    toast({ kind: 'done', text: `${it.id}: ${say(word)}`, seconds: 8 });
    renew('');
    go('/cases');
  } catch (error) {
    toast({ kind: 'trouble', text: troubleWords(error) });
    renew(caseKey(it.id));
  }
}

/** As `UNDO_SECONDS` of `domain/case-acts.ts`, which refuses later. */
const UNDO_SECONDS = 10;

async function undo(id: string, work: Work | null): Promise<void> {
  try {
    await ask<typeof UndoCase>('post', '/api/cases/{id}/undo', { params: { id }, body: {} });
    toast({ kind: 'done', text: say('done.undone', { id }), seconds: 5 });
  } catch (error) {
    toast({ kind: 'trouble', text: troubleWords(error) });
  }
  renew('');
  go(`/cases/${id}${work === null ? '' : `?work=${work}`}`);
}

/** Gives the case back and goes on. */
export async function skip(work: Work, id: string, next: Promise<string | null>): Promise<void> {
  const other = await next;
  await ask('delete', '/api/cases/{id}/claim', { params: { id } }).catch(() => undefined);
  go(other === null ? '/cases' : `/cases/${other}?work=${work}`);
}
