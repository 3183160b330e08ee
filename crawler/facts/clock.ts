/**
 * What keeps this machine's clock right, and how far off that says it is: evidence carries times, and somebody will
 * ask how they were known.
 *
 *     chronyc -c tracking                  REF,NAME,STRATUM,TIME,OFFSET,…   offset in seconds, positive when slow
 *     timedatectl show -p NTPSynchronized  NTPSynchronized=yes
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClockState } from '../../domain/site-facts.ts';

/** Output of a program; rejects when it is not there or fails. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

const runHere: Run = async (program, args) =>
  (await promisify(execFile)(program, [...args], { timeout: 2_000 })).stdout;

const NOTHING: ClockState = { source: null, offsetSeconds: null };

/** Never rejects. */
export async function clockState(run: Run = runHere): Promise<ClockState> {
  const tracking = await run('chronyc', ['-c', 'tracking']).catch(() => null);
  const fields = tracking?.trim().split(',') ?? [];
  const slow = Number(fields[4]);
  // Stratum 0 or 16 is a clock that follows nobody (RFC 5905, section 7.3).
  const stratum = Number(fields[2]);
  if (fields.length > 4 && stratum > 0 && stratum < 16 && Number.isFinite(slow)) {
    return { source: 'chrony', offsetSeconds: slow === 0 ? 0 : -slow };
  }
  const shown = await run('timedatectl', ['show', '-p', 'NTPSynchronized']).catch(() => null);
  return shown?.trim() === 'NTPSynchronized=yes' ? { source: 'ntp', offsetSeconds: null } : NOTHING;
}
