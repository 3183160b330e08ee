/** What became of a ring, in the order of time: found, joined, told of, answered, ended. */
import type { ReadRing } from '../../api/rings.ts';
import type { Answer } from '../api.ts';
import { Plain, Time } from '../parts/text.tsx';
import { say, sayIfKnown, spokenWords } from '../words.ts';

type Told = Answer<typeof ReadRing>;

interface Event {
  readonly at: string;
  readonly text: string;
  readonly note?: string;
  readonly ring?: string;
}

export function RingStory({ it }: { readonly it: Told }) {
  const events = storyOf(it);
  return (
    <section class="verdict" aria-labelledby="story">
      <h2 id="story">{say('rings.timeline')}</h2>
      <ol class="history">
        {events.map(({ at, text, note, ring }, place) => (
          <li key={place}>
            <Time at={at} />
            <p>
              <Plain>{text}</Plain>{' '}
              {ring === undefined ? null : (
                <a class="code" href={`/rings/${ring}`}>
                  {ring}
                </a>
              )}
            </p>
            {note === undefined || note === '' ? null : (
              <p class="note">
                <Plain>{note}</Plain>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function storyOf({ ring, listings, alerts, feedback }: Told): Event[] {
  const events: Event[] = [
    { at: ring.openedAt, text: say('rings.event.found') },
    ...grouped(listings).map(([at, n]) => ({ at, text: say('rings.event.joined', { n }) })),
    ...alerts.map((alert) => ({
      at: alert.at,
      text: sayIfKnown(`rings.event.${alert.type}`, alert.type)
        .replace('{marketplace}', alert.marketplace)
        .replace('{n}', spokenWords().number(alert.members ?? 0)),
      note:
        alert.endpoints === 0
          ? say('rings.event.feed_only')
          : say('rings.event.delivered', { n: alert.delivered, all: alert.endpoints }),
    })),
    ...feedback.map((each) => ({
      at: each.at,
      text: `${each.marketplace}: ${say(`rings.answer.${each.verdict}`)}`,
      note: each.reason,
    })),
    ...ended(ring),
  ];
  return events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** So many listings were in it when each of them came, those that stand in it now. */
function grouped(listings: Told['listings']): [at: string, n: number][] {
  const moments = [...new Set(listings.map(({ joinedAt }) => joinedAt))].sort();
  return moments.map((at) => [at, listings.filter(({ joinedAt }) => joinedAt <= at).length]);
}

function ended(ring: Told['ring']): Event[] {
  if (ring.state === 'merged' && ring.mergedInto !== null)
    return [{ at: ring.updatedAt, text: say('rings.event.merged_into'), ring: ring.mergedInto }];
  if (ring.state === 'withdrawn')
    return [{ at: ring.updatedAt, text: say(`rings.event.${ring.why ?? 'changed'}`) }];
  return [];
}
