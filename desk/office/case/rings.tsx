/** Rings of listings that the case is of, or that its pages show, with the way to each. */
import type { CaseTold } from '../case-told.ts';
import { may } from '../told.ts';
import { say } from '../words.ts';

export function CaseRings({ it }: { readonly it: CaseTold }) {
  if (it.rings.length === 0 || !may('ring.read')) return null;
  return (
    <section aria-labelledby="rings">
      <h2 id="rings">{say('case.ring')}</h2>
      <ul class="alike">
        {it.rings.map((ring) => (
          <li key={ring.id}>
            <a class="code" href={`/rings/${ring.id}`}>
              {ring.id}
            </a>{' '}
            <span class="meta">
              {say(`rings.relation.${ring.relation}`)} · {say(`rings.state.${ring.state}`)}
            </span>
            <p class="note">
              {say('rings.drawn', { n: ring.members })} · {say('rings.people')}: {ring.people} ·{' '}
              {ring.markets.join(', ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
