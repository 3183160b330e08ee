/**
 * Officers are told outside the desk what waits for them: cases for a second officer (once a day), each appeal, each
 * batch that could not be handed over, each channel of which none could be made. A message has our numbers in it and nothing
 * of a page or a person: it leaves the house. What does not arrive is tried again after 1, 2, 4 … minutes, ten times.
 */
import type { Logger } from 'pino';
import type { Channel } from '../domain/referral.ts';
import type { AppealStore } from '../store/appeals.ts';
import type { CaseStore } from '../store/cases.ts';
import type { FaultStore } from '../store/faults.ts';
import type { HandoverStore } from '../store/handovers.ts';
import type { Message, MessageKind, MessageStore, NewMessage } from '../store/messages.ts';
import type { Clock } from './clock.ts';
import type { Messenger } from './messengers.ts';

export interface TellTools {
  readonly messages: MessageStore;
  readonly cases: Pick<CaseStore, 'count'>;
  readonly appeals: Pick<AppealStore, 'list'>;
  readonly handovers: Pick<HandoverStore, 'deliveries' | 'unbuilt'>;
  readonly faults: Pick<FaultStore, 'list'>;
  readonly messengers: readonly Messenger[];
  readonly lang: 'ru' | 'kk' | 'en';
  /** Of the desk, for officers to go to; null when there is none to tell. */
  readonly deskUrl: string | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

const MOST_AT_ONCE = 50;
/** Rounds, one a minute: what goes wrong once or twice mends itself. */
const LEAST_TRIES_UNBUILT = 3;
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 60_000;
const ALMATY_MS = 5 * 3_600_000;

export async function tellRound(
  tools: TellTools,
): Promise<{ readonly sent: number; readonly failed: number }> {
  const { messages, messengers, clock } = tools;
  if (messengers.length === 0) return { sent: 0, failed: 0 };
  const ways = messengers.map(({ name }) => name);
  await messages.ask(await matters(tools), ways, clock.now());
  let sent = 0;
  let failed = 0;
  for (const due of await messages.due(ways, clock.now(), MOST_AT_ONCE)) {
    if (await send(due, tools)) sent += 1;
    else failed += 1;
  }
  return { sent, failed };
}

/** All that should be told, told before or not. */
async function matters({ cases, appeals, handovers, faults, clock }: TellTools): Promise<NewMessage[]> {
  const day = new Date(clock.now().getTime() + ALMATY_MS).toISOString().slice(0, 10);
  const waiting = await cases.count({ state: 'confirmed' });
  const open = (await appeals.list(MOST_AT_ONCE)).filter(({ judged }) => judged === null);
  const dead = (await handovers.deliveries()).filter(({ givenUpAt }) => givenUpAt !== null);
  const unbuilt = (await handovers.unbuilt()).filter(({ tries }) => tries >= LEAST_TRIES_UNBUILT);
  const failed = (await faults.list()).filter(({ givenUpAt }) => givenUpAt !== null);
  return [
    ...failed.map(({ caseId, step, givenUpAt }) => ({
      key: `aftercare ${caseId} ${step} ${givenUpAt?.toISOString()}`,
      kind: 'aftercare_failed' as const,
      facts: { case: caseId },
    })),
    ...(waiting === 0
      ? []
      : [{ key: `approvals ${day}`, kind: 'approvals' as const, facts: { cases: waiting } }]),
    ...open.map(({ code, caseId }) => ({
      key: `appeal ${code}`,
      kind: 'appeal' as const,
      facts: { appeal: code, case: caseId },
    })),
    ...dead.map(({ batch, givenUpAt }) => ({
      key: `batch ${batch} ${givenUpAt?.toISOString()}`,
      kind: 'batch_failed' as const,
      facts: { batch },
    })),
    ...unbuilt.map(({ slot, channel }) => ({
      key: `unbuilt ${channel} ${slot.toISOString()}`,
      kind: 'batch_unbuilt' as const,
      facts: { channel },
    })),
  ];
}

async function send(due: Message, tools: TellTools): Promise<boolean> {
  const { messages, messengers, clock, log } = tools;
  const messenger = messengers.find(({ name }) => name === due.via);
  if (messenger === undefined) return false;
  try {
    await messenger.send(due, textOf(due, tools));
    await messages.sent(due.id, clock.now());
    return true;
  } catch (cause) {
    const why = (cause as Error).message;
    const isLast = due.tries + 1 >= MOST_TRIES;
    log.warn({ via: due.via, about: due.key, isGivenUp: isLast, why }, 'officers could not be told');
    if (isLast) await messages.giveUp(due.id, why, clock.now());
    else await messages.putOff(due.id, why, new Date(clock.now().getTime() + FIRST_WAIT_MS * 2 ** due.tries));
    return false;
  }
}

const WORDS: Readonly<Record<TellTools['lang'], Readonly<Record<MessageKind, string>>>> = {
  ru: {
    approvals: 'Күзет: дел ждёт второго сотрудника: {cases}',
    appeal: 'Күзет: поступило возражение {appeal}',
    batch_failed: 'Күзет: партия {batch} не передана, нужен человек',
    batch_unbuilt: 'Күзет: партия по плану не собирается, канал «{channel}», нужен человек',
    aftercare_failed: 'Күзет: дело {case} не удаётся проверить повторно, нужен человек',
  },
  kk: {
    approvals: 'Күзет: екінші қызметкерді күтіп тұрған істер: {cases}',
    appeal: 'Күзет: қарсылық келді: {appeal}',
    batch_failed: 'Күзет: {batch} топтамасы тапсырылмады, адам керек',
    batch_unbuilt: 'Күзет: жоспар бойынша топтама жиналмайды, арна: «{channel}», адам керек',
    aftercare_failed: 'Күзет: {case} ісін қайта тексеру мүмкін болмады, адам керек',
  },
  en: {
    approvals: 'Kuzet: cases that wait for a second officer: {cases}',
    appeal: 'Kuzet: an appeal came in: {appeal}',
    batch_failed: 'Kuzet: batch {batch} was not handed over, somebody has to look',
    batch_unbuilt: 'Kuzet: no batch of the plan can be made for “{channel}”, somebody has to look',
    aftercare_failed: 'Kuzet: case {case} could not be looked at again, somebody has to look',
  },
};

/** As the desk calls them (desk/web/words). */
export const CHANNEL_NAMES: Readonly<Record<TellTools['lang'], Readonly<Record<Channel, string>>>> = {
  ru: {
    operator_block: 'Операторам связи',
    platform_notice: 'Площадке',
    hosting_notice: 'Хостингу',
    registrar_notice: 'Регистратору домена',
    court_route: 'В суд',
  },
  kk: {
    operator_block: 'Байланыс операторларына',
    platform_notice: 'Алаңға',
    hosting_notice: 'Хостинг иесіне',
    registrar_notice: 'Домен тіркеушісіне',
    court_route: 'Сотқа',
  },
  en: {
    operator_block: 'Network operators',
    platform_notice: 'The platform',
    hosting_notice: 'Hosting provider',
    registrar_notice: 'Domain registrar',
    court_route: 'Court',
  },
};

const PLACES: Readonly<Record<MessageKind, string>> = {
  approvals: '/cases?queue=confirmed',
  appeal: '/appeals',
  batch_failed: '/batches',
  batch_unbuilt: '/batches/next',
  aftercare_failed: '/cases',
};

function textOf({ kind, facts }: Message, { lang, deskUrl }: TellTools): { subject: string; body: string } {
  const names: Readonly<Record<string, string>> = CHANNEL_NAMES[lang];
  const subject = WORDS[lang][kind].replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const fact = String(facts[name] ?? '');
    return name === 'channel' ? (names[fact] ?? fact) : fact;
  });
  const link = deskUrl === null ? '' : `\n${new URL(PLACES[kind], deskUrl).href}`;
  return { subject, body: `${subject}${link}\n` };
}
