/**
 * How many checks a desk has in hand. A seller who presses "publish" waits for the answer: where more come than can be
 * answered, some are refused at once and the others answered in time, and one marketplace's flood leaves room for the
 * rest.
 */

/** At two milliseconds of the processor each, which a check takes under load, the last of them waits a quarter of a second. */
const MOST = 128;
/** Of one marketplace. */
const MOST_OF_ONE = 96;

export interface InHand {
  /** Takes one more in hand; what ends it, or null where there is no room for it now. */
  take(tenant: string): (() => void) | null;
}

export function inHand(): InHand {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    take(tenant) {
      const own = counts.get(tenant) ?? 0;
      if (all >= MOST || own >= MOST_OF_ONE) return null;
      all += 1;
      counts.set(tenant, own + 1);
      return () => {
        all -= 1;
        const left = counts.get(tenant)! - 1;
        if (left === 0) counts.delete(tenant);
        else counts.set(tenant, left);
      };
    },
  };
}
