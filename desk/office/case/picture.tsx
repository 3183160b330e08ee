/** The picture of a page, blurred until somebody asks for it. */
import { defang, plain } from '../../web/show.ts';
import type { Captured, CaseTold } from '../case-told.ts';
import { Button } from '../keys.tsx';
import { Copyable } from '../parts/text.tsx';
import { say } from '../words.ts';
import { pictureOf } from '../work.ts';

export function Picture({
  it,
  shown,
  isShown,
  toggle,
}: {
  readonly it: CaseTold;
  readonly shown: Captured | null;
  readonly isShown: boolean;
  readonly toggle: () => void;
}) {
  if (shown === null) {
    return (
      <section class="picture" aria-labelledby="picture">
        <h2 id="picture">{say('case.picture')}</h2>
        <p class="no-picture">{say(it.captures.length === 0 ? 'case.no_capture' : 'case.picture_none')}</p>
      </section>
    );
  }
  const address = defang(shown.finalUrl);
  return (
    <section class="picture" aria-labelledby="picture">
      <h2 id="picture">{say('case.picture')}</h2>
      <figure>
        <figcaption>
          <b dir="auto">{plain(shown.title)}</b>
          <Copyable>{address}</Copyable>
        </figcaption>
        {shown.screenshot === null ? (
          <p class="no-picture">{say('case.picture_none')}</p>
        ) : (
          <div class={isShown ? 'veil off' : 'veil'}>
            <img src={pictureOf(shown.id)} alt={say('case.picture_alt', { url: address })} />
            <Button keys="i" aria-pressed={isShown} run={toggle}>
              {say(isShown ? 'case.veil' : 'case.unveil')}
            </Button>
          </div>
        )}
      </figure>
      {shown.fullScreenshot === null || !isShown ? null : (
        <details>
          <summary>{say('case.picture_whole')}</summary>
          <img src={pictureOf(shown.id, 'page')} alt="" loading="lazy" />
        </details>
      )}
    </section>
  );
}
