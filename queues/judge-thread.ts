/** The thread in which pages of visits are read and assessed. */
import type { SitePrint } from '../classifiers/lookalike-sites.ts';
import { type JudgeAsk, type JudgedPage, type PrintAsk, pageReader, sitePrint } from './judge.ts';
import { answerAsks } from './thread.ts';

const read = pageReader();
answerAsks<JudgeAsk | PrintAsk, JudgedPage | SitePrint>((ask) =>
  'pages' in ask ? sitePrint(ask) : read(ask),
);
