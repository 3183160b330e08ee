/** The thread in which pages of visits are read and assessed. */
import { type JudgeAsk, type JudgedPage, pageReader } from './judge.ts';
import { answerAsks } from './thread.ts';

answerAsks<JudgeAsk, JudgedPage>(pageReader());
