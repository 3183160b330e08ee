/** One line that moves, on a terminal only. */
import type { Io } from './io.ts';

export interface ProgressLine {
  show(state: { readonly done: number; readonly of: number; readonly words: string }): void;
  /** Takes the line away, so that other lines can be printed. */
  clear(): void;
}

const WIDTH = 24;

export function progressLine(io: Io): ProgressLine {
  if (!io.isTerminal || io.json) return { show() {}, clear() {} };
  let isShown = false;
  return {
    show({ done, of, words }) {
      const filled = of === 0 ? 0 : Math.round((done / of) * WIDTH);
      const room = Math.max(20, (process.stderr.columns || 80) - WIDTH - 5);
      process.stderr.write(
        `\r\x1b[2K[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${words.slice(0, room)}`,
      );
      isShown = true;
    },
    clear() {
      if (isShown) process.stderr.write('\r\x1b[2K');
      isShown = false;
    },
  };
}
