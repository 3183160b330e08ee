/** Takes a case over from whoever holds it, with words. */
import { useState } from 'preact/hooks';
import type { ClaimCase } from '../../api/queue.ts';
import { ask, RefusedError } from '../api.ts';
import { renew } from '../asked.ts';
import type { CaseTold } from '../case-told.ts';
import { Button } from '../keys.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { troubleWords } from '../parts/states.tsx';
import { toast } from '../parts/toasts.tsx';
import { say } from '../words.ts';
import { caseKey } from '../work.ts';

export function Steal({ it, close }: { readonly it: CaseTold; readonly close: () => void }) {
  const [reason, setReason] = useState('');
  const steal = async () => {
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
  return (
    <Dialog title={say('case.steal')} close={close}>
      <form
        class="bulk"
        onSubmit={(event) => {
          event.preventDefault();
          void steal();
        }}
      >
        <label>
          {say('case.steal_why')}
          <input
            required
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" class="main">
          {say('case.steal')}
        </Button>
      </form>
    </Dialog>
  );
}
