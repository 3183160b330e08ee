/** What a command may say and hear: the only ways out of a command, so that tests can listen. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  /** One line to standard output, without the line break. */
  out(line: string): void;
  /** One line to standard error, without the line break. */
  err(line: string): void;
  /** NDJSON was asked for. */
  readonly json: boolean;
  /** Standard error is a terminal, so progress may be drawn. */
  readonly isTerminal: boolean;
  /** Resolves when standard output can take more; absent when it always can. */
  readonly drained?: () => Promise<void>;
}
