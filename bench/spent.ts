/** What a process has used, as Linux tells it; 0 of one that is gone. Source: proc(5). */
import { readFileSync } from 'node:fs';

/** Milliseconds of CPU of a process, without its children. */
export function cpuMsOf(pid: number): number {
  const TICK_MS = 10;
  const fields = read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 13).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}

/** Bytes of memory that are the process's now. */
export function residentBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1] ?? 0) * 1024;
}

function read(pid: number, name: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
