/** The thread that judges pages, with a reader that some pages kill and others hold up. */
import { type JudgeAsk, type JudgedPage, pageReader } from '../../../queues/judge.ts';
import { answerAsks } from '../../../queues/thread.ts';

const read = pageReader();

answerAsks<JudgeAsk, JudgedPage>((it) => {
  const { url } = it.page;
  if (url.endsWith('/kills')) process.exit(9);
  while (url.endsWith('/holds-up'));
  return read(it);
});
