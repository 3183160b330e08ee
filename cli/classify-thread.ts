/** The thread in which `kuzet classify` judges rows beside others. */
import { loadModel } from '../classifiers/model.ts';
import { answerAsks } from '../queues/thread.ts';
import { answerRows, type RowAnswers, type RowOptions, type Rows } from './classify-rows.ts';

export interface RowsAsk {
  readonly rows: Rows;
  readonly options: RowOptions;
}

const model = loadModel();
answerAsks<RowsAsk, RowAnswers>(({ rows, options }) => answerRows(rows, model, options));
