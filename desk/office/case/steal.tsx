/** Takes a case over from whoever holds it, with words. */
import type { ClaimCase } from '../../api/queue.ts';
import { ask, RefusedError } from '../api.ts';
import { renew } from '../asked.ts';
import type { CaseTold } from '../case-told.ts';
import { troubleWords } from '../parts/states.tsx';
import { toast } from '../parts/toasts.tsx';
import { AskWhy } from '../parts/why.tsx';
import { say } from '../words.ts';
import { caseKey } from '../work.ts';

export function Steal({ it, close }: { readonly it: CaseTold; readonly close: () => void }) {
  const steal = async (reason: string) => {
    try {
      await ask<typeof ClaimCase>('post', '/api/cases/{id}/claim', {
        params: { id: it.id },
        body: { steal: reason },
      });
      close();
    } catch (error) {
      toast({ kind: 'trouble', text: error instanceof RefusedError ? troubleWords(error) : say('app.away') });
    }
    renew(caseKey(it.id));
  };
  return <AskWhy title={say('case.steal')} label={say('case.steal_why')} run={steal} close={close} />;
}
