/** The roof: reads the command line and the configuration once, starts what was asked for, says how it ended. */
import { appealsCommand } from './cli/appeals.ts';
import { approveCommand, caseCommand, casesCommand, decideCommand } from './cli/cases.ts';
import { type Command, readWords, UsageError } from './cli/command.ts';
import { decisionsCommand } from './cli/decisions.ts';
import { demoCommand } from './cli/demo.ts';
import { doctorCommand } from './cli/doctor.ts';
import { evidenceCommand } from './cli/evidence.ts';
import { explainCommand } from './cli/explain.ts';
import { feedCommand } from './cli/feed.ts';
import { commandPage, mainPage } from './cli/help.ts';
import { historyCommand } from './cli/history.ts';
import { ledgerCommand } from './cli/ledger.ts';
import { duplicates, pairs, photos } from './cli/listings.ts';
import { marketCommand } from './cli/market.ts';
import { metricsCommand } from './cli/metrics.ts';
import { modelsCommand } from './cli/model-life.ts';
import { classify, langid, train, verify } from './cli/models.ts';
import { overrideCommand } from './cli/override.ts';
import { pauseCommand, resumeCommand } from './cli/pause.ts';
import { receiptsCommand } from './cli/receipts.ts';
import { recheckCommand } from './cli/recheck.ts';
import { referCommand } from './cli/refer.ts';
import { reportCommand } from './cli/report.ts';
import { reviewCommand } from './cli/review.ts';
import { ringsCommand } from './cli/rings.ts';
import { scanCommand } from './cli/scan.ts';
import { serveCommand } from './cli/serve.ts';
import { sourceCommand } from './cli/source.ts';
import { tenantCommand } from './cli/tenant.ts';
import { processIo } from './cli/terminal.ts';
import { tipsCommand } from './cli/tips.ts';
import { exportCommand, importCommand } from './cli/transfer.ts';
import { ConfigError, readConfig } from './config.ts';

const COMMANDS: readonly Command[] = [
  scanCommand,
  serveCommand,
  sourceCommand,
  tipsCommand,
  explainCommand,
  historyCommand,
  metricsCommand,
  pauseCommand,
  resumeCommand,
  casesCommand,
  caseCommand,
  decideCommand,
  approveCommand,
  referCommand,
  receiptsCommand,
  recheckCommand,
  appealsCommand,
  overrideCommand,
  feedCommand,
  reportCommand,
  verify,
  evidenceCommand,
  ledgerCommand,
  reviewCommand,
  decisionsCommand,
  classify,
  langid,
  train,
  duplicates,
  pairs,
  photos,
  ringsCommand,
  tenantCommand,
  marketCommand,
  modelsCommand,
  exportCommand,
  importCommand,
  doctorCommand,
  demoCommand,
];

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
