/** Who types a command, where no account is asked for. */
import { userInfo } from 'node:os';
import type { Words } from './command.ts';

/** `--by`, else the user of this machine. */
export function personOf(words: Words): string {
  const named = words.text('by');
  if (named !== undefined) return named;
  try {
    return userInfo().username;
  } catch {
    // In a container the user may be a bare number.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
