/** Lines that came, went or stayed, told by more than colour: `ins` and `del` are read out as such. */
import type { LineChange } from '../../../domain/text/diff.ts';
import { plain } from '../../web/show.ts';
import { say } from '../words.ts';
import { Scroller } from './scroller.tsx';

export function Changes({
  lines,
  labelledBy,
}: {
  readonly lines: readonly LineChange[];
  readonly labelledBy: string;
}) {
  if (lines.length === 0) return <p class="aside">{say('case.diff_none')}</p>;
  return (
    <Scroller class="text diff" aria-labelledby={labelledBy}>
      {lines.map(({ is, text }, at) =>
        is === 'kept' ? (
          <p key={at}>{plain(text)}</p>
        ) : is === 'new' ? (
          <p key={at}>
            <ins>{plain(text)}</ins>
          </p>
        ) : (
          <p key={at}>
            <del>{plain(text)}</del>
          </p>
        ),
      )}
    </Scroller>
  );
}
