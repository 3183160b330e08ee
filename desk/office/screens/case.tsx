/** One case: what was seen, why it is here, who it is like, what was decided, and the keys that decide. */
import { useEffect, useState } from 'preact/hooks';
import type { ViewCase } from '../../api/cases.ts';
import { ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { AddressHistory } from '../case/address-history.tsx';
import { Alike } from '../case/alike.tsx';
import { CloakCheck } from '../case/cloak.tsx';
import { Facts } from '../case/facts.tsx';
import { Findings } from '../case/findings.tsx';
import { Pages } from '../case/pages.tsx';
import { Picture } from '../case/picture.tsx';
import { Reasons } from '../case/reasons.tsx';
import { CaseRings } from '../case/rings.tsx';
import { sendDeed, sendReading, skip, useNext } from '../case/send.ts';
import { useCapture } from '../case/shown.ts';
import { SiteFacts } from '../case/site.tsx';
import { Steal } from '../case/steal.tsx';
import { Diff, Text } from '../case/text.tsx';
import { Timeline } from '../case/timeline.tsx';
import type { CaseTold } from '../case-told.ts';
import { Button, useKeys } from '../keys.tsx';
import { BulkDialog } from '../parts/bulk.tsx';
import { Kind, NameNotes, Score, Why } from '../parts/case-bits.tsx';
import { DecidePanel, type Sent } from '../parts/decide.tsx';
import { When } from '../parts/states.tsx';
import { Structure } from '../parts/structure.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say } from '../words.ts';
import { caseKey, loadCase, type Work, workOf } from '../work.ts';

export default function CaseScreen({ params, query }: ScreenProps) {
  const id = params.id ?? '';
  const work = workOf(query);
  const asked = useAsked(caseKey(id), loadCase(id));
  return (
    <>
      <p class="back">
        <a href={work === null || work === 'open' ? '/cases' : `/cases?queue=${work}`}>
          ← {say('case.back')}
        </a>
      </p>
      <When asked={asked} again={() => void preload(caseKey(id), loadCase(id))}>
        {(it) => <Case key={it.id} it={it} work={work} captureId={query.get('capture')} />}
      </When>
    </>
  );
}

function Case({
  it,
  work,
  captureId,
}: {
  readonly it: CaseTold;
  readonly work: Work | null;
  readonly captureId: string | null;
}) {
  const [isShown, setShown] = useState(false);
  const [isStealing, setStealing] = useState(false);
  const [isBulk, setBulk] = useState(false);
  const next = useNext(it, work);
  useEffect(() => {
    document.title = `${it.id} ${it.subject.readable} · ${say('app.name')}`;
    ask<typeof ViewCase>('post', '/api/cases/{id}/view', { params: { id: it.id } }).catch(() => undefined);
  }, [it.id]);
  const other = useCapture(it, captureId);
  const shown = other ?? it.main;
  const send = (sent: Sent) =>
    void (it.reread === null ? sendDeed(it, sent, work, next.current) : sendReading(it, it.reread, sent));
  const openCluster = it.alike.filter(({ state, caseId }) => state === 'open' && caseId !== null);
  const canBulk =
    may('case.decide') && openCluster.length > 0 && it.state.is === 'open' && it.reread === null;
  useKeys([
    ...(shown?.screenshot == null
      ? []
      : [{ keys: 'i', word: 'case.unveil' as const, run: () => setShown(!isShown) }]),
    { keys: 'q', word: 'case.back', run: () => go('/cases') },
    ...(work === null
      ? []
      : [{ keys: 'n', word: 'case.skip' as const, run: () => void skip(work, it.id, next.current) }]),
    ...(it.claim !== null && !it.claim.isMine && may('case.hold')
      ? [{ keys: 's', word: 'case.steal' as const, run: () => setStealing(true) }]
      : []),
    ...(canBulk ? [{ keys: 'c', word: 'case.cluster' as const, run: () => setBulk(true) }] : []),
  ]);
  return (
    <>
      <div class="heading case-heading">
        <div>
          <h1>
            <bdi>{it.subject.readable}</bdi>
          </h1>
          <NameNotes subject={it.subject} />
          <Kind it={it} />
          <Why urgency={it.urgency} />
        </div>
        <Score score={it.score} />
      </div>
      {it.claim === null || it.claim.isMine ? null : (
        <p class="notice">
          <span>{say('queue.held', { by: it.claim.by })}</span>
          {may('case.hold') ? (
            <Button keys="s" run={() => setStealing(true)}>
              {say('case.steal')}
            </Button>
          ) : null}
        </p>
      )}
      <div class="case">
        <Picture it={it} shown={shown} isShown={isShown} toggle={() => setShown(!isShown)} />
        <div class="case-side">
          <DecidePanel it={it} send={send} />
          <Findings it={it} />
          <Reasons shown={shown} />
          <Alike it={it} decideAll={canBulk ? () => setBulk(true) : null} />
          <CaseRings it={it} />
          <Timeline it={it} />
        </div>
        <div class="case-rest">
          {shown === null ? null : <Text shown={shown} />}
          {shown === null ? null : <Structure captureId={shown.id} />}
          <Pages it={it} shown={shown} work={work} />
          {other !== null && it.main !== null && other.id !== it.main.id ? (
            <Diff before={other} after={it.main} />
          ) : null}
          {shown === null ? null : <CloakCheck key={shown.id} captureId={shown.id} isShown={isShown} />}
          {shown === null ? null : <SiteFacts captureId={shown.id} />}
          {shown === null ? null : <AddressHistory url={shown.url} />}
          {shown === null ? null : <Facts shown={shown} />}
        </div>
      </div>
      {isStealing ? <Steal it={it} close={() => setStealing(false)} /> : null}
      {isBulk ? (
        <BulkDialog
          ids={[it.id, ...openCluster.map(({ caseId }) => caseId ?? '')]}
          close={() => setBulk(false)}
        />
      ) : null}
    </>
  );
}
