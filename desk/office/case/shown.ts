/** Which capture of a case is on the screen. */
import type { ReadCapture } from '../../api/captures.ts';
import { ask } from '../api.ts';
import { useAsked } from '../asked.ts';
import type { Captured, CaseTold } from '../case-told.ts';

/** Another capture of the case, with its text; null while the main one is shown. */
export function useCapture(it: CaseTold, captureId: string | null): Captured | null {
  const isOther =
    captureId !== null && captureId !== it.main?.id && it.captures.some(({ id }) => id === captureId);
  const asked = useAsked(isOther ? `capture/${captureId}` : 'capture/none', async () =>
    isOther ? ask<typeof ReadCapture>('get', '/api/captures/{id}', { params: { id: captureId } }) : null,
  );
  return asked.is === 'here' ? asked.value : null;
}
