/**
 * Who takes a batch's file out of the house. Carrying the same file again changes nothing; each driver passes
 * `test/conformance/carrier.ts`.
 */
import type { WaitingAnswer } from '../../exports/smartbridge/answers.ts';

export interface BatchFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

export interface Carrier {
  /** As hand-overs name it; no password in it. */
  readonly target: string;
  /** Resolves when the file is there, whole. @throws CarryFailedError, FileDiffersError, NotTrustedError */
  carry(file: BatchFile): Promise<void>;
  /**
   * What the addressee's machine says became of a file that was carried, as receipts (`queues/receive.ts`) take it in;
   * null while it says nothing. Absent where nobody can be asked.
   */
  answer?(file: Pick<BatchFile, 'name' | 'sha256'>): Promise<Buffer | null>;
  /** What it keeps for us, row by row: prescriptions, blocks, refusals; at most some at once. */
  waiting?(): Promise<readonly WaitingAnswer[]>;
  /** Tells it that a message was taken in, so that it gives it no more. */
  taken?(messageId: string): Promise<void>;
}

/** It did not arrive this time: try again later. */
export class CarryFailedError extends Error {
  override readonly name = 'CarryFailedError';
  readonly facts: { readonly file: string; readonly target: string };

  constructor(facts: CarryFailedError['facts'], cause: unknown) {
    super(`${facts.file} did not arrive at ${facts.target}: ${(cause as Error).message}.`, { cause });
    this.facts = facts;
  }
}

/** There is a file of that name with other bytes: a person has to look, and nothing is written over. */
export class FileDiffersError extends Error {
  override readonly name = 'FileDiffersError';
  readonly facts: { readonly file: string; readonly target: string };

  constructor(facts: FileDiffersError['facts']) {
    super(
      `${facts.target} has another file under the name ${facts.file}. Find out whose it is, and move it away.`,
    );
    this.facts = facts;
  }
}

/** Whoever answers there is not whom we were told: a person has to look, and nothing is sent. */
export class NotTrustedError extends Error {
  override readonly name = 'NotTrustedError';
  readonly facts: { readonly target: string; readonly shown: string };

  constructor(facts: NotTrustedError['facts']) {
    super(
      `${facts.target} shows the host key ${facts.shown}, which is not the one that was pinned. Ask its owner; if it is right, set KUZET_SFTP_HOST_KEY to it.`,
    );
    this.facts = facts;
  }
}
