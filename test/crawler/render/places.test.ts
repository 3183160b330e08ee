import { describe, expect, test } from 'vitest';
import { openPlaces } from '../../../crawler/render/places.ts';

/** A promise and what settles it. */
function gate() {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
/** Until all that may go on went on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('places for pages', () => {
  test('are held by so many at a time, in the order in which they came', async () => {
    const places = openPlaces(2);
    const began: string[] = [];
    const ends = [gate(), gate(), gate(), gate()];
    const all = ends.map(({ passed }, at) =>
      places.hold(async () => {
        began.push(`page ${at}`);
        await passed;
      }),
    );
    await settled();
    expect(began).toEqual(['page 0', 'page 1']);
    ends[1]!.open();
    await settled();
    expect(began).toEqual(['page 0', 'page 1', 'page 2']);
    for (const { open } of ends) open();
    await Promise.all(all);
    expect(began).toHaveLength(4);
  });

  test('are lent while a page is waited for, which has the next that comes free', async () => {
    const places = openPlaces(1);
    const story: string[] = [];
    const [quiet, second] = [gate(), gate()];
    const all = [
      places.hold(async (lend) => {
        story.push('A loads');
        await lend(() => quiet.passed);
        story.push('A is read');
      }),
      places.hold(async () => {
        story.push('B loads');
        await second.passed;
      }),
      places.hold(async () => void story.push('C loads')),
    ];
    await settled();
    expect(story).toEqual(['A loads', 'B loads']);
    quiet.open();
    await settled();
    expect(story).toEqual(['A loads', 'B loads']);
    second.open();
    await Promise.all(all);
    expect(story).toEqual(['A loads', 'B loads', 'A is read', 'C loads']);
  });

  test('are none fewer after work that failed, while it was waited for too', async () => {
    const places = openPlaces(1);
    const quiet = gate();
    const failed = places.hold(async (lend) => {
      void lend(() => quiet.passed);
      throw new Error('it crashed');
    });
    await expect(failed).rejects.toThrow('it crashed');
    quiet.open();
    await settled();
    expect(await places.hold(async () => 'shown')).toBe('shown');
    const both = [places.hold(async () => settled()), places.hold(async () => settled())];
    await Promise.all(both);
  });
});
