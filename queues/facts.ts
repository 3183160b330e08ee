/**
 * What is learned of a host beside its pages: asked for once a host a visit, when a page of it comes up that an
 * officer may be shown, and kept once. A page that nobody will be shown costs no look-up.
 */
import type { Logger } from 'pino';
import { type FactSources, siteFacts } from '../crawler/facts/site.ts';
import type { Exchange, Sha256 } from '../domain/capture.ts';
import type { SiteFacts } from '../domain/site-facts.ts';
import type { ScanSettings } from '../domain/source.ts';
import { siteFactsBytes, siteFactsRecords } from '../evidence/site-facts.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import type { WarcResource } from '../evidence/warc.ts';

export interface KeptFacts {
  /** Name of the blob. */
  readonly facts: Sha256;
  /** For the WARC of each page. */
  readonly records: readonly WarcResource[];
  /** Lines for its warcinfo record: from where it was captured, by which clock. */
  readonly from: readonly (readonly [name: string, value: string])[];
}

/**
 * The facts of the host that answered; null when they are not asked for, or could not be.
 *
 * @throws EvidenceWriteError and the like, when they could not be kept; the signal's reason.
 */
export type AskFacts = (
  answered: Exchange,
  settings: Pick<ScanSettings, 'proxy' | 'resolve'>,
  signal: AbortSignal,
) => Promise<KeptFacts | null>;

export interface FactTools {
  /** Left out where nothing is asked. */
  readonly factSources?: FactSources;
  readonly evidence: EvidenceStore;
  readonly log: Logger;
}

/** For one visit. */
export function factsOfVisit({ factSources, evidence, log }: FactTools): AskFacts {
  if (factSources === undefined) return async () => null;
  const known = new Map<string, Promise<KeptFacts | null>>();

  async function learn(...[answered, settings, signal]: Parameters<AskFacts>): Promise<KeptFacts | null> {
    try {
      const facts = await siteFacts(answered, settings, factSources!, signal);
      const name = await evidence.put(siteFactsBytes(facts));
      return { facts: name, records: siteFactsRecords(facts), from: linesOf(facts) };
    } catch (cause) {
      // The next page tries again.
      known.delete(new URL(answered.url).host);
      throw cause;
    }
  }

  return (answered, settings, signal) => {
    const { host } = new URL(answered.url);
    const before = known.get(host);
    if (before !== undefined) return before;
    const asked = learn(answered, settings, signal);
    known.set(host, asked);
    asked.catch((cause: unknown) => log.warn({ host, err: cause }, 'what is known of the host was not kept'));
    return asked;
  };
}

function linesOf({ from: { address, network, clock } }: SiteFacts): [string, string][] {
  const lines: readonly [string, string | number | null][] = [
    // The name that WARC/1.1 has for it, section 10 of ISO 28500.
    ['ip', address],
    ['country', network?.country ?? null],
    ['clock-source', clock.source],
    ['clock-offset-seconds', clock.offsetSeconds],
  ];
  return lines.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
}
