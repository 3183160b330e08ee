/** Runs the command as its users do: a process of its own, a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/kuzet.mjs', import.meta.url));

export interface Ended {
  /** Exit code; null when killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Home {
  readonly folder: string;
  /** Runs a command to its end. */
  run(args: readonly string[], stdin?: string): Promise<Ended>;
  /** Runs a command with --json; its lines parsed. */
  ask<Line>(args: readonly string[], stdin?: string): Promise<{ code: number | null; lines: Line[] }>;
  /** Starts a command and leaves it running. */
  start(args: readonly string[], stdin?: string): Running;
  /** Ends what still runs and removes the folder. */
  close(): Promise<void>;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of output that matches; rejects when the command ends without one. */
  said(pattern: RegExp): Promise<string>;
  kill(): Promise<Ended>;
}

export function openHome(env: Readonly<Record<string, string>> = {}): Home {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-flow-'));
  const running = new Set<Running>();
  const home: Home = {
    folder,
    run: (args, stdin) => home.start(args, stdin).ended,
    async ask(args, stdin) {
      const { code, out } = await home.run([...args, '--json'], stdin);
      return {
        code,
        lines: out
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      };
    },
    start(args, stdin) {
      const child = spawn(process.execPath, [LAUNCHER, ...args], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          KUZET_HOME: join(folder, 'home'),
          ...env,
        },
        stdio: 'pipe',
      });
      let out = '';
      let err = '';
      const hearers = new Set<() => void>();
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        out += piece;
        for (const hear of hearers) hear();
      });
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        err += piece;
      });
      child.stdin.on('error', () => {});
      child.stdin.end(stdin ?? '');
      const ended = new Promise<Ended>((resolve) => {
        child.once('close', (code) => {
          running.delete(it);
          resolve({ code, out, err });
        });
      });
      const it: Running = {
        process: child,
        ended,
        said: (pattern) =>
          new Promise((resolve, reject) => {
            const hear = () => {
              const line = out.split('\n').find((each) => pattern.test(each));
              if (line === undefined) return;
              hearers.delete(hear);
              resolve(line);
            };
            hearers.add(hear);
            hear();
            ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${out}\n${err}`)), reject);
          }),
        async kill() {
          child.kill('SIGKILL');
          return ended;
        },
      };
      running.add(it);
      return it;
    },
    async close() {
      await Promise.all([...running].map((it) => it.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return home;
}
