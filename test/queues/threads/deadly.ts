/** The thread that judges pages, with a reader that some pages kill and others hold up. */
import type { SitePrint } from '../../../classifiers/lookalike-sites.ts';
import {
  type JudgeAsk,
  type JudgedPage,
  type PrintAsk,
  pageReader,
  sitePrint,
} from '../../../queues/judge.ts';
import { answerAsks } from '../../../queues/thread.ts';

const read = pageReader();

answerAsks<JudgeAsk | PrintAsk, JudgedPage | SitePrint>((it) => {
  if ('pages' in it) return sitePrint(it);
  const { url } = it.page;
  if (url.endsWith('/kills')) process.exit(9);
  while (url.endsWith('/holds-up'));
  return read(it);
});
