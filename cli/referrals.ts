/** The operations of what became of referrals, done in this process on open rooms. */
import { caseNumber } from '../domain/case.ts';
import { lateEvent } from '../domain/passage.ts';
import { parseUrl } from '../domain/url.ts';
import { subjectOf } from '../exports/overblock/platforms.ts';
import { transparencyOf } from '../exports/transparency.ts';
import { aftercareRound, takeMeasurements } from '../queues/aftercare.ts';
import { systemClock } from '../queues/clock.ts';
import { handOver } from '../queues/dispatch.ts';
import { feedOf } from '../queues/feed.ts';
import { receive } from '../queues/receive.ts';
import { reissue } from '../queues/reissue.ts';
import { askOverride, weighedFindings } from '../queues/weigh.ts';
import type { SentReferral } from '../store/passages.ts';
import { publicRows } from '../store/transparency.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import type { PassageLine } from './asks/referrals.ts';
import type { Rooms } from './rooms.ts';

type AfterReferral = Pick<
  Doing,
  | 'receive'
  | 'passages'
  | 'passageSay'
  | 'appeals'
  | 'appealSend'
  | 'appealJudge'
  | 'recheckRun'
  | 'recheckImport'
  | 'recheckShow'
  | 'faults'
  | 'faultsClear'
  | 'feed'
  | 'transparency'
  | 'handover'
  | 'reissue'
  | 'findings'
  | 'overrideAsk'
  | 'overrideAnswer'
  | 'overridesWaiting'
  | 'deliveries'
>;

export function referralOperations(rooms: Rooms): AfterReferral {
  const { passages, appeals } = rooms;
  const now = () => systemClock.now();
  /** An appeal is a row of its own, whoever tells of it: its judgement reaches further than one referral. */
  const object = async (id: string, words: string) => {
    const { url } = await passages.get(id);
    const { lang } = rooms.config;
    await appeals.send(
      { url, words, contact: '', lang, subject: (await rooms.cases.get(id)).subject },
      now(),
    );
  };
  const judge = async (id: string, verdict: 'upheld' | 'overturned', by: string, reason: string) => {
    const open = await appeals.openOf(id);
    if (open === null) await passages.add(id, [{ at: now(), by, kind: verdict, facts: { reason } }]);
    else await appeals.judge(open.code, { verdict, by, reason }, now());
  };
  return {
    async *receive({ file, by, batch }) {
      await needOfficer(rooms, by);
      const order = { bytes: Buffer.from(file, 'base64'), by, batch };
      yield await receive(order, { passages, clock: systemClock });
    },
    async *passages({ id }) {
      const found = id === undefined ? await passages.list(1000) : [await passages.get(id)];
      for (const it of found) yield passageLine(it);
    },
    async *passageSay({ id, event, by, reason }) {
      await needOfficer(rooms, by);
      if (event === 'upheld' || event === 'overturned') await judge(id, event, by, reason);
      else if (event === 'appealed') await object(id, reason);
      else {
        const facts = reason === '' ? {} : { reason };
        await passages.add(id, [{ at: now(), by, kind: event, facts }]);
      }
      yield passageLine(await passages.get(id));
    },
    async *recheckRun() {
      yield plain(await aftercareRound(rooms.aftercareTools()));
    },
    async *recheckImport({ text, vantage, by }) {
      await needOfficer(rooms, by);
      yield await takeMeasurements({ text, vantage }, rooms.aftercareTools());
    },
    async *recheckShow({ id }) {
      const { rechecks } = rooms.aftercareTools();
      const { caseId, passage } = await passages.get(id);
      yield {
        caseId,
        state: passage.state,
        sights: (await rechecks.sights(caseId)).map((each) => plain(each)),
        children: await rechecks.childrenOf(caseId),
      };
    },
    async *handover({ batch, by }) {
      await needOfficer(rooms, by, 'batch.build');
      yield plain(await handOver((await rooms.batches.get(batch)).id, by, rooms.dispatchTools()));
    },
    async *faults() {
      for (const it of await rooms.aftercareTools().faults.list()) yield plain(it);
    },
    async *faultsClear({ id }) {
      const { id: known } = await rooms.cases.get(id);
      yield { cleared: await rooms.aftercareTools().faults.clear(known) };
    },
    async *reissue({ batch, by }) {
      await needOfficer(rooms, by, 'batch.build');
      yield plain(await reissue({ batch, by }, rooms.reissueTools()));
    },
    async *findings({ id }) {
      for (const it of await weighedFindings(id, rooms.weighTools())) yield plain(it);
    },
    async *overrideAsk({ id, rule, by, why }) {
      await needOfficer(rooms, by, 'override.ask');
      for (const it of await askOverride({ id, rule, by, why }, rooms.weighTools())) yield plain(it);
    },
    async *overrideAnswer({ id, rule, is, by, words }) {
      await needOfficer(rooms, by, 'override.answer');
      const answered = await rooms.overrides.answer(id, rule.toUpperCase(), { is, by, words }, now());
      for (const it of answered) yield plain(it);
    },
    async *overridesWaiting({ limit }) {
      for (const it of await rooms.overrides.waiting(limit)) yield plain(it);
    },
    async *deliveries() {
      for (const it of await rooms.dispatchTools().handovers.deliveries()) yield plain(it);
    },
    async *transparency({ from, to }) {
      const after = new Date(new Date(to).getTime() + 24 * 3_600_000);
      const rows = await publicRows(rooms.database, new Date(from), after);
      const states = new Map(
        (await passages.all()).map(({ referral, state }) => [caseNumber(referral.caseId), state]),
      );
      const referrals = rows.referrals.map(({ caseNumber: number, ...row }) => ({
        ...row,
        state: states.get(Number(number)) ?? 'batched',
      }));
      yield transparencyOf({ org: rooms.config.org, from, to }, { ...rows, referrals });
    },
    async *feed({ format }) {
      const { captures, evidence, config } = rooms;
      const order = { format, org: config.org, contact: config.contact?.replace(/^mailto:/, '') ?? '' };
      for await (const bytes of feedOf(order, { passages, captures, evidence, clock: systemClock }))
        yield { chunk: bytes.toString('base64') };
    },
    async *appeals({ limit }) {
      for (const it of await appeals.list(limit)) yield plain(it);
    },
    async *appealSend({ url, words, contact }) {
      const address = parseUrl(url);
      const it = { url: address.href, words, contact, lang: rooms.config.lang, subject: subjectOf(address) };
      yield plain(await appeals.send(it, now()));
    },
    async *appealJudge({ code, verdict, by, reason }) {
      await needOfficer(rooms, by, 'appeal.judge');
      yield plain(await appeals.judge(code, { verdict, by, reason }, now()));
    },
  };
}

function passageLine({ caseId, batch, row, url, passage }: SentReferral): PassageLine {
  const late = lateEvent(passage, systemClock.now());
  return {
    caseId,
    batch,
    row,
    url,
    state: passage.state,
    late,
    events: passage.events.map((each) => plain(each)),
  };
}
