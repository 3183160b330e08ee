/** The desk in numbers: what waits, what was done day by day, how often the machine and the officers were right. */
import type { ReadStatistics } from '../../api/statistics.ts';
import { type Answer, addressOf, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { Chart } from '../parts/chart.tsx';
import { Figures, type Row } from '../parts/figures.tsx';
import { When } from '../parts/states.tsx';
import { Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { go, type ScreenProps } from '../router.ts';
import { say, spokenWords, type Word } from '../words.ts';

type Told = Answer<typeof ReadStatistics>;

export default function Statistics({ query }: ScreenProps) {
  const period = { from: query.get('from') ?? undefined, to: query.get('to') ?? undefined };
  const key = `statistics/${period.from ?? ''}/${period.to ?? ''}`;
  const load = () => ask<typeof ReadStatistics>('get', '/api/statistics', { query: period });
  const asked = useAsked(key, load);
  return (
    <>
      <Title text={say('statistics.title')} />
      <When asked={asked} again={() => void preload(key, load)}>
        {(it) => (
          <>
            <PeriodForm from={it.from} to={it.to} />
            <Parts it={it} />
          </>
        )}
      </When>
    </>
  );
}

function PeriodForm({ from, to }: { readonly from: string; readonly to: string }) {
  return (
    <form
      class="period"
      onSubmit={(event) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget);
        go(addressOf('/statistics', {}, { from: typed.get('from'), to: typed.get('to') }));
      }}
    >
      {(['from', 'to'] as const).map((name) => (
        <label key={name}>
          {say(`statistics.${name}`)}{' '}
          <input type="date" name={name} required value={name === 'from' ? from : to} />
        </label>
      ))}
      <button type="submit">{say('statistics.show')}</button>
    </form>
  );
}

function Parts({ it }: { readonly it: Told }) {
  const words = spokenWords();
  const csv = (table: string) =>
    addressOf(`/api/statistics/tables/${table}`, {}, { from: it.from, to: it.to });
  const days = it.days.map(({ day }) => day);
  const over = (name: 'opened' | 'confirmed' | 'dismissed' | 'approved' | 'backlog') =>
    it.days.map((day) => day[name]);
  const share = (value: number | null) => (value === null ? '—' : words.chance(value));
  const seconds = (value: number | null) => (value === null ? '—' : words.number(value));
  return (
    <div class="statistics">
      <Figures
        title={say('statistics.now')}
        csv={csv('waiting')}
        heads={['where', 'cases', 'oldest', 'opened_at']}
        rows={[
          ...it.waiting.map(
            ({ state, lane, cases, oldest }): Row => [
              say(`statistics.place.${state}.${lane}` as Word),
              cases,
              oldest === null ? '—' : <a href={`/cases/${oldest.caseId}`}>{oldest.caseId}</a>,
              oldest === null ? '—' : <Time at={oldest.openedAt} />,
            ],
          ),
          [
            say('statistics.place.appeals'),
            it.appealsWaiting.appeals,
            '—',
            it.appealsWaiting.oldestAt === null ? '—' : <Time at={it.appealsWaiting.oldestAt} />,
          ],
        ]}
      />
      <Figures
        title={say('statistics.flow')}
        csv={csv('days')}
        heads={['day', 'opened', 'confirmed', 'dismissed', 'approved', 'referred', 'backlog']}
        rows={it.days.map(
          (day): Row => [
            ...[day.day, day.opened, day.confirmed, day.dismissed, day.approved, day.referred, day.backlog],
          ],
        )}
      >
        <Chart
          title={say('statistics.backlog')}
          days={days}
          series={[{ name: say('statistics.backlog'), values: over('backlog'), line: 1 }]}
        />
        <Chart
          title={say('statistics.flow')}
          days={days}
          series={(['opened', 'confirmed', 'dismissed', 'approved'] as const).map((name, at) => ({
            name: say(`statistics.${name}`),
            values: over(name),
            line: (at + 1) as 1 | 2 | 3 | 4,
          }))}
        />
      </Figures>
      <Figures
        title={say('statistics.pace')}
        help={say('statistics.pace_help')}
        csv={csv('pace')}
        heads={['act', 'acts', 'measured', 'median', 'ninth']}
        rows={it.pace.map(
          (of): Row => [
            say(`statistics.act.${of.act}`),
            of.acts,
            of.measured,
            seconds(of.medianSeconds),
            seconds(of.ninthSeconds),
          ],
        )}
      />
      {(['model', 'rule', 'source'] as const).map((by) => (
        <Figures
          key={by}
          title={`${say('statistics.precision')}: ${say(`statistics.by_${by}`)}`}
          help={say('statistics.precision_help')}
          csv={csv(by)}
          heads={[by, 'right', 'wrong', 'precision_share']}
          rows={it.precision[by].map(
            ({ name, right, wrong, precision }): Row => [
              name === '' ? say('statistics.by_people') : <bdi class="code">{name}</bdi>,
              right,
              wrong,
              share(precision),
            ],
          )}
        />
      ))}
      <Figures
        title={say('statistics.overturns')}
        csv={csv('overturns')}
        heads={['upheld', 'overturned', 'overturn_rate', 'decisions', 'reversed', 'reversed_share']}
        rows={[
          [
            it.overturns.upheld,
            it.overturns.overturned,
            share(it.overturns.rate),
            it.overturns.decisions,
            it.overturns.reversed,
            share(it.overturns.reversedShare),
          ],
        ]}
      />
      <Figures
        title={say('statistics.agreement')}
        help={say('statistics.agreement_help')}
        csv={csv('agreement')}
        heads={[
          ...['look', 'both_confirm', 'confirm_dismiss', 'dismiss_confirm', 'both_dismiss'],
          ...['observed', 'kappa'],
        ]}
        rows={it.agreement.map(
          (of): Row => [
            say(`statistics.look.${of.of}`),
            ...[of.bothConfirm, of.confirmThenDismiss, of.dismissThenConfirm, of.bothDismiss],
            share(of.observed),
            of.kappa === null ? '—' : words.signed(of.kappa),
          ],
        )}
      />
      <Figures
        title={say('statistics.months')}
        csv={csv('months')}
        heads={['month', 'label', 'found', 'handed_over', 'blocked']}
        rows={it.months.map(
          ({ month, label, found, referred, blocked }): Row => [
            month,
            label === null ? <b>{say('statistics.total')}</b> : say(`label.${label}` as Word),
            found,
            referred,
            blocked,
          ],
        )}
      />
    </div>
  );
}
