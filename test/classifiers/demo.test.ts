/** The demo web was written by others and is in no training data: it has to come out right. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { assessPage } from '../../classifiers/assess.ts';
import { loadModel } from '../../classifiers/model.ts';
import { assessSite, type SiteAssessment } from '../../classifiers/site.ts';
import { readPage } from '../../crawler/extract/page.ts';
import type { Label } from '../../domain/assessment.ts';

interface DemoSite {
  readonly host: string;
  readonly label: Label;
  readonly needsScripts: boolean;
}

const web = fileURLToPath(new URL('../../demo/web/', import.meta.url));
const sites = (JSON.parse(readFileSync(join(web, 'sites.json'), 'utf8')) as DemoSite[]).filter(
  (site) => !site.needsScripts,
);
const model = loadModel();

function assess(host: string): SiteAssessment {
  const files = readdirSync(join(web, host), { recursive: true, encoding: 'utf8' }).filter((it) =>
    it.endsWith('.html'),
  );
  return assessSite(
    files.map((file) => {
      const url = `https://${host}/${file}`;
      return {
        url,
        assessment: assessPage(readPage(readFileSync(join(web, host, file), 'utf8'), url), model),
      };
    }),
  );
}

/** A programme of daily yield with levels of referrals is sold as an investment and built as a pyramid. */
const ALSO: Readonly<Partial<Record<Label, Label>>> = { investment_fraud: 'pyramid' };

describe('the demo web', () => {
  test.each(sites.filter((site) => site.label !== 'legit').map((site) => [site.host, site.label] as const))(
    '%s is flagged as %s',
    (host, label) => {
      const it = assess(host);
      expect(it.verdict).toBe('flag');
      expect([label, ALSO[label]]).toContain(it.label);
    },
  );

  test.each(sites.filter((site) => site.label === 'legit').map((site) => [site.host] as const))(
    '%s is not flagged',
    (host) => {
      const it = assess(host);
      expect(it.verdict).not.toBe('flag');
      expect(it.label).toBe('legit');
    },
  );
});
