/** `kuzet metrics`: what goes on, in the text format of Prometheus. */
import type { Figure } from '../store/figures.ts';
import { withHouse } from './around.ts';
import { type Command, UsageError } from './command.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  usage: '',
  summary: 'Print what goes on in numbers, as Prometheus reads them.',
  about: [
    'Counted from the store, so that every process tells the same. Let a timer write it where the textfile collector of a node exporter looks; through a running "kuzet serve" it costs a few queries.',
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

/** Source: Prometheus, "Exposition formats", text format 0.0.4. */
export function metricText({ name, kind, about, rows }: Figure): string[] {
  const full = `kuzet_${name}`;
  return [
    `# HELP ${full} ${about}`,
    `# TYPE ${full} ${kind}`,
    ...rows.map(({ labels, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      return `${full}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
    }),
  ];
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
