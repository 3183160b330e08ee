/** What a bench says: a table as it goes, or a line of JSON a figure; and seconds of the processor. */

export interface Table {
  note(what: string, value: number, unit: string): void;
}

export function table(isJson: boolean): Table {
  return {
    note(what, value, unit) {
      if (isJson) console.log(JSON.stringify({ what, value, unit }));
      else console.log(`${what.padEnd(72)} ${value.toPrecision(5).padStart(12)} ${unit}`);
    },
  };
}

/** Of this process, so that a busy machine changes little. */
export function cpuSeconds(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

export function rate(count: number, run: () => unknown): number {
  return count / cpuSeconds(run);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
