/** The thread in which pages of visits are read and assessed. */
import type { Traits } from '../classifiers/cloaking/traits.ts';
import type { SitePrint } from '../classifiers/lookalike-sites.ts';
import { type Ask, type JudgedPage, pageReader, pageTraits, sitePrint } from './judge.ts';
import { answerAsks } from './thread.ts';

const read = pageReader();
answerAsks<Ask, JudgedPage | SitePrint | Traits>((ask) => {
  if ('traitsOf' in ask) return pageTraits(ask);
  return 'pages' in ask ? sitePrint(ask) : read(ask);
});
