/**
 * How a source asks hosts while it looks for addresses: in their turn, with robots.txt, at the pace of visits.
 * To the turns it is one more visit of each host, under an id of its own, so nobody is asked by two at once.
 */
import { decode } from '../../crawler/extract/decode.ts';
import { FetchFailedError } from '../../crawler/fetch.ts';
import type { ScanSettings } from '../../domain/source.ts';
import { hostOf } from '../../domain/url.ts';
import type { VisitStore } from '../../store/visits.ts';
import { newId } from '../clock.ts';
import { isSkipReason } from '../reading.ts';
import { HostRestsError, NOT_ASKED, openTurns, type Turns, type TurnTools } from '../turns.ts';

export interface AskTools extends TurnTools {
  readonly visits: Pick<VisitStore, 'hostMemory' | 'takeTurn' | 'giveTurn'>;
}

export type Asked =
  | { readonly is: 'answered'; readonly url: string; readonly body: Buffer; text(): string }
  /** Nothing to read; `why` is for the run's notes. */
  | { readonly is: 'nothing'; readonly why: string };

export interface Asker {
  /** @throws VisitsPausedError; the signal's reason when aborted. */
  ask(url: URL): Promise<Asked>;
  /** Requests made. */
  readonly requests: number;
}

/** @param most requests to make at the most. */
export function askerOf(settings: ScanSettings, most: number, tools: AskTools, signal: AbortSignal): Asker {
  const { visits, crawler, clock } = tools;
  const open = new Map<string, { readonly turns: Turns; readonly visit: Parameters<typeof openTurns>[0] }>();
  let requests = 0;

  async function turnsOf(host: string) {
    const known = open.get(host);
    if (known !== undefined) return known;
    const visit = {
      id: newId(clock),
      scanId: '',
      host,
      lease: '',
      settings,
      captured: 0,
      wasPutOff: false,
    };
    const opened = { visit, turns: await openTurns(visit, tools, signal) };
    open.set(host, opened);
    return opened;
  }

  return {
    get requests() {
      return requests;
    },
    async ask(url) {
      if (requests >= most) return { is: 'nothing', why: `${url.href}: the run's ${most} requests are made` };
      const { visit, turns } = await turnsOf(hostOf(url));
      const settle = async (answer: Parameters<Turns['settle']>[0]) =>
        visits.giveTurn(visit, visit.host, await turns.settle(answer));
      try {
        const refusal = await turns.robotsRefusal(url);
        if (refusal !== null) return { is: 'nothing', why: `${url.href}: ${refusal.detail}` };
        requests += 1;
        const answer = await crawler.fetch(url, settings, signal, 'anything', turns.courtesy);
        const { status, retryAfterSeconds } = answer;
        await settle({ status, retryAfterSeconds, seconds: turns.heldSeconds() });
        if (status >= 400) return { is: 'nothing', why: `${url.href}: the server answered ${status}` };
        const { body, contentType, finalUrl } = answer;
        return { is: 'answered', url: finalUrl, body, text: () => decode(body, contentType).html };
      } catch (cause) {
        if (!signal.aborted && cause instanceof FetchFailedError) {
          const { reason, exchanges } = cause.facts;
          const status = exchanges.at(-1)?.status ?? (isSkipReason(reason) ? NOT_ASKED : null);
          await settle({ status, retryAfterSeconds: null, seconds: turns.heldSeconds() });
          return { is: 'nothing', why: `${url.href}: ${cause.facts.reason}, ${cause.facts.detail}` };
        }
        await turns.letGo();
        if (cause instanceof HostRestsError) return { is: 'nothing', why: cause.message };
        throw cause;
      }
    },
  };
}
