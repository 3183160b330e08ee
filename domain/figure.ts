/** A number that tells what goes on, and how Prometheus reads it. */
export interface Figure {
  /** As Prometheus names it, without the prefix. */
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly about: string;
  /** Names of the labels that each row has, in their order. */
  readonly labels: readonly string[];
  readonly rows: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Lines of one figure. Source: Prometheus, "Exposition formats", text format 0.0.4. */
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
