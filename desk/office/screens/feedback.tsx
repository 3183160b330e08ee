/** What marketplaces say of rings, and how often each held that the machine was right. */
import type { ListFeedback } from '../../api/feedback.ts';
import { type Answer, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { MarketTabs, Paging, useRowKeys } from '../market/bits.tsx';
import { Choice, Narrow } from '../market/narrow.tsx';
import { Empty, When } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import type { ScreenProps } from '../router.ts';
import { say, spokenWords } from '../words.ts';

type Told = Answer<typeof ListFeedback>;
const VERDICTS = ['confirm', 'dispute', 'removed'] as const;

export default function Feedback({ query }: ScreenProps) {
  const verdict = VERDICTS.find((it) => it === query.get('verdict'));
  const asking = {
    ...(query.get('marketplace') ? { marketplace: query.get('marketplace')! } : {}),
    ...(verdict === undefined ? {} : { verdict }),
    ...(query.get('cursor') ? { cursor: query.get('cursor')! } : {}),
  };
  const key = `feedback/${JSON.stringify(asking)}`;
  const load = () => ask<typeof ListFeedback>('get', '/api/feedback', { query: asking });
  const asked = useAsked(key, load);
  useRowKeys();
  return (
    <>
      <Title text={say('feedback.title')} />
      <MarketTabs lit="/feedback" />
      <Narrow path="/feedback" query={query}>
        <Choice
          name="verdict"
          title={say('feedback.answer')}
          any={say('rings.any')}
          value={verdict ?? ''}
          all={VERDICTS.map((it) => [it, say(`rings.answer.${it}`)])}
        />
      </Narrow>
      <When asked={asked} again={() => void preload(key, load)}>
        {(told) => (
          <div class="statistics">
            {told.partners.length === 0 ? null : <Precision partners={told.partners} />}
            <section class="verdict" aria-labelledby="answers">
              <h2 id="answers">{say('feedback.answers')}</h2>
              {told.feedback.length === 0 ? (
                <Empty title={say('cases.empty.title')}>
                  <p>{say('feedback.empty')}</p>
                </Empty>
              ) : (
                <Answers feedback={told.feedback} />
              )}
              <Paging path="/feedback" query={query} next={told.next} />
            </section>
          </div>
        )}
      </When>
    </>
  );
}

function Precision({ partners }: { readonly partners: Told['partners'] }) {
  return (
    <section class="verdict" aria-labelledby="precision">
      <h2 id="precision">{say('feedback.precision')}</h2>
      <p class="aside">{say('feedback.help')}</p>
      <Table
        name={say('feedback.precision')}
        heads={[
          say('rings.marketplace'),
          say('feedback.told'),
          say('feedback.confirmed'),
          say('feedback.removed'),
          say('feedback.disputed'),
          say('feedback.share'),
        ]}
        rows={partners.map((it) => [
          <Plain key="name">{it.name}</Plain>,
          it.told,
          it.confirmed,
          it.removed,
          it.disputed,
          // Counted, not estimated: one of one is all of them.
          it.precision === null ? '—' : `${spokenWords().number(it.precision * 100)} %`,
        ])}
      />
    </section>
  );
}

function Answers({ feedback }: { readonly feedback: Told['feedback'] }) {
  return (
    <Table
      name={say('feedback.answers')}
      heads={[
        say('audit.at'),
        say('rings.marketplace'),
        say('rings.id'),
        say('feedback.answer'),
        say('feedback.words'),
        say('feedback.about'),
      ]}
      rows={feedback.map((it) => [
        <Time key="at" at={it.at} />,
        it.marketplace,
        <a key="ring" class="code" href={`/rings/${it.ring}`} data-row>
          {it.ring}
        </a>,
        say(`rings.answer.${it.verdict}`),
        it.reason === '' ? '—' : <Plain key="words">{it.reason}</Plain>,
        it.listings.length === 0 ? (
          say('feedback.about_all')
        ) : (
          <Plain key="listings">{it.listings.join(', ')}</Plain>
        ),
      ])}
    />
  );
}
