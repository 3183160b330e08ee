/** All commands, in the order of the help. */
import { appealsCommand } from './appeals.ts';
import { approveCommand, caseCommand, casesCommand, decideCommand } from './cases.ts';
import type { Command } from './command.ts';
import { decisionsCommand } from './decisions.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { evidenceCommand } from './evidence.ts';
import { explainCommand } from './explain.ts';
import { feedCommand } from './feed.ts';
import { historyCommand } from './history.ts';
import { ledgerCommand } from './ledger.ts';
import { duplicates, pairs, photos } from './listings.ts';
import { marketCommand } from './market.ts';
import { metricsCommand } from './metrics.ts';
import { modelsCommand } from './model-life.ts';
import { classify, langid, train, verify } from './models.ts';
import { overrideCommand } from './override.ts';
import { pauseCommand, resumeCommand } from './pause.ts';
import { receiptsCommand } from './receipts.ts';
import { recheckCommand } from './recheck.ts';
import { referCommand } from './refer.ts';
import { reportCommand } from './report.ts';
import { reviewCommand } from './review.ts';
import { ringsCommand } from './rings.ts';
import { scanCommand } from './scan.ts';
import { scansCommand } from './scans.ts';
import { serveCommand } from './serve.ts';
import { sourceCommand } from './source.ts';
import { tenantCommand } from './tenant.ts';
import { tipsCommand } from './tips.ts';
import { exportCommand, importCommand } from './transfer.ts';

export const COMMANDS: readonly Command[] = [
  scanCommand,
  scansCommand,
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
