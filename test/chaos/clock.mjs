/**
 * Loaded into a process by `NODE_OPTIONS=--import`: its clock is off by as many milliseconds as the file of
 * `KUZET_TEST_CLOCK` says, from 50 ms after that was written. Timers run on as they did.
 */
import { readFileSync } from 'node:fs';

const read = () => Number(readFileSync(process.env['KUZET_TEST_CLOCK'], 'utf8'));
const True = Date;
let off = read();
setInterval(() => {
  off = read();
}, 50).unref();
const now = () => True.now() + off;
const Off = new Proxy(True, {
  construct: (_, given, as) =>
    Reflect.construct(True, given.length === 0 ? [now()] : given, as === Off ? True : as),
  get: (_, name) => (name === 'now' ? now : Reflect.get(True, name)),
});
globalThis.Date = Off;
