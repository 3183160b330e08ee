/** `kuzet metrics`: what goes on, in the text format of Prometheus. */
import { metricText } from '../domain/figure.ts';
import { withHouse } from './around.ts';
import { type Command, UsageError } from './command.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  usage: '',
  summary: 'Print what goes on in numbers, as Prometheus reads them.',
  about: [
    'Counted from the store, so that every process tells the same. "kuzet serve" answers with the same at /metrics, to this machine, and to whoever has KUZET_METRICS_TOKEN. Without it let a timer write them where the textfile collector of a node exporter looks.',
  ],
  options: [],
  examples: [['kuzet metrics > kuzet.prom', 'for a textfile collector']],
  async run(words, around) {
    if (words.positionals.length > 0) throw new UsageError('metrics', '"metrics" takes no words.');
    const { io } = around;
    return withHouse(around, async (house) => {
      for await (const figure of house.ask('metrics', {})) {
        if (io.json) io.out(JSON.stringify(figure));
        else for (const line of metricText(figure)) io.out(line);
      }
      return 0;
    });
  },
};
