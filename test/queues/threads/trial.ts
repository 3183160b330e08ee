/** A thread for trials: says what it was asked and how often it was, or dies in the way that it is told to. */
import { answerAsks } from '../../../queues/thread.ts';

export type Trial = 'count' | 'throw' | 'loop' | 'exit' | 'hoard' | 'later';

let asked = 0;

answerAsks<Trial, number>((trial) => {
  asked += 1;
  if (trial === 'throw') throw new RangeError('told to throw');
  if (trial === 'exit') process.exit(7);
  if (trial === 'later') {
    setTimeout(() => {
      throw new Error('told to die between two asks');
    }, 300);
  }
  while (trial === 'loop');
  for (const hoard: number[][] = []; trial === 'hoard'; ) hoard.push(new Array(10_000).fill(asked));
  return asked;
});
