/** The roof: reads the command line and the configuration once, starts what was asked for, says how it ended. */
import { readWords, UsageError } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { commandPage, mainPage } from './cli/help.ts';
import { processIo } from './cli/terminal.ts';
import { ConfigError, readConfig } from './config.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const io = processIo(rest.includes('--json'));
  const stop = new AbortController();
  const onStop = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onStop);
  process.on('SIGTERM', onStop);
  try {
    if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
      io.out(mainPage(COMMANDS));
      return name === undefined ? 2 : 0;
    }
    const config = readConfig(process.env, process.cwd());
    if (name === '--version' || name === 'version') {
      io.out(config.version);
      return 0;
    }
    const asked = name === 'help' ? rest[0] : name;
    const command = COMMANDS.find((each) => each.name === asked);
    if (command === undefined) {
      const names = COMMANDS.map((each) => each.name).join(', ');
      throw new UsageError('', `There is no command "${asked}". Commands: ${names}.`);
    }
    if (name === 'help' || rest.includes('--help') || rest.includes('-h')) {
      io.out(commandPage(command));
      return 0;
    }
    return await command.run(readWords(command, rest), { config, io, signal: stop.signal });
  } catch (cause) {
    if (stop.signal.aborted) return 130;
    return tell(cause, io);
  }
}

/** A known error is its message; an unknown one shows where it came from. */
function tell(cause: unknown, io: ReturnType<typeof processIo>): number {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const isUsage = error instanceof UsageError || error instanceof ConfigError;
  // Our own errors say what happened and the way out; of others, where they came from is all there is.
  const isKnown = isUsage || 'facts' in error || (error.name !== 'Error' && !(error.name in globalThis));
  if (io.json) io.out(JSON.stringify({ error: { name: error.name, message: error.message } }));
  else io.err(`kuzet: ${isKnown ? error.message : (error.stack ?? error.message)}`);
  return isUsage ? 2 : 1;
}
