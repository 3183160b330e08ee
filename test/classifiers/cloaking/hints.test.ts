import { describe, expect, test } from 'vitest';
import { cloakHints } from '../../../classifiers/cloaking/hints.ts';
import { cloakSign, withSign } from '../../../classifiers/cloaking/sign.ts';
import { readPage } from '../../../crawler/extract/page.ts';
import type { Assessment } from '../../../domain/assessment.ts';

const hints = (html: string, url = 'https://garden.test/') => cloakHints(readPage(html, url));
const LONG =
  '<p>Сад и огород: когда сажать лук, чем подкормить смородину и как укрыть розы на зиму. </p>'.repeat(9);

describe('what calls for a second look', () => {
  test('is a script that asks who is there and leaves', () => {
    expect(
      hints(`${LONG}<script>if (/Mobile/.test(navigator.userAgent)) location.href = '/lp';</script>`),
    ).toEqual(['tests_visitor']);
    expect(
      hints(`${LONG}<script>if (document.referrer.includes('t.me')) document.write(atob(x))</script>`),
    ).toEqual(['tests_visitor']);
  });

  test('is no script that only asks, or only leaves, nor one that is data', () => {
    expect(hints(`${LONG}<script>stat.send(navigator.userAgent, screen.width)</script>`)).toEqual([]);
    expect(
      hints(`${LONG}<script>setTimeout(() => { location.reload(); }, 600000); open_location = 1</script>`),
    ).toEqual([]);
    expect(
      hints(`${LONG}<script type="application/json">{"a":"navigator.userAgent location.href ="}</script>`),
    ).toEqual([]);
  });

  test('is the name of a programme that is sold to cloak', () => {
    expect(hints(`${LONG}<script src="https://cdn.example/kclient.js"></script>`)).toEqual(['known_cloaker']);
  });

  test('is a link elsewhere that carries the number of a click, and none within the site', () => {
    expect(hints(`${LONG}<a href="https://offer.test/go?clickid=a1">x</a>`)).toEqual(['click_links']);
    expect(hints(`${LONG}<a href="/go?clickid=a1">x</a>`)).toEqual([]);
  });

  test('is the address of a click on an ad', () => {
    expect(hints(LONG, 'https://garden.test/?gclid=1')).toEqual(['behind_ad']);
    expect(hints(LONG, 'https://garden.test/?page=2&utm_source=mail')).toEqual([]);
  });

  test('takes no longer for a thousand scripts that never end', () => {
    expect(hints('<script>'.repeat(30_000))).toEqual([]);
  });
});

const JUDGED: Assessment = {
  lang: 'ru',
  label: 'legit',
  score: 0.4,
  verdict: 'abstain',
  abstainReason: 'the score lies between the bounds 0.3 and 0.7',
  scores: { legit: 0.6, pyramid: 0.3, phishing: 0.1 },
  signals: [],
  model: 'test',
};

describe('the sign of a white page', () => {
  const sign = cloakSign('Вкусно дома', 'Ваш доход  40% в месяц');

  test('quotes both titles and cites a criterion', () => {
    expect(sign).toEqual({
      id: 'cloak.white_page',
      family: 'cloak',
      criterion: 'KZ-ARRFR-5',
      excerpt: '«Вкусно дома» → «Ваш доход 40% в месяц»',
      contribution: 1.5,
    });
    expect(cloakSign('а'.repeat(500), 'б'.repeat(500)).excerpt.length).toBeLessThanOrEqual(200);
  });

  test('moves the score by its contribution in log-odds, and shares stay shares', () => {
    const moved = withSign(JUDGED, sign);
    // 0.4 is log-odds -0.405; with 1.5 more it is 1.095, which is 0.749.
    expect(moved.score).toBeCloseTo(0.749, 3);
    expect(moved).toMatchObject({ verdict: 'flag', label: 'pyramid', abstainReason: null });
    expect(Object.values(moved.scores).reduce((sum, it) => sum + it, 0)).toBeCloseTo(1, 9);
    expect(moved.signals).toEqual([sign]);
  });

  test('flags no page whose words are not known', () => {
    const unread = { ...JUDGED, abstainReason: 'the language (ja) is not one that Kuzet judges words in' };
    expect(withSign(unread, sign)).toMatchObject({ verdict: 'abstain', abstainReason: unread.abstainReason });
  });

  test('does not flag a page for itself: one that is clear by its words stays below the bound', () => {
    expect(withSign({ ...JUDGED, score: 0.1, verdict: 'clear', abstainReason: null }, sign).verdict).toBe(
      'abstain',
    );
  });
});
