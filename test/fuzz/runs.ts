/** How many cases each law of `test/fuzz/` is tried on: a few with all other tests, `npm run fuzz` for very many. */
const asked = Number(process.env.KUZET_FUZZ_RUNS ?? 150);

export const RUNS = Number.isInteger(asked) && asked > 0 ? asked : 150;

/** For laws whose case costs milliseconds rather than microseconds. */
export const DEAR_RUNS = Math.ceil(RUNS / 5);
