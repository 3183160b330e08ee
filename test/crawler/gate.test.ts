import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATE_LIMITS, type Gate, openGate } from '../../crawler/gate.ts';
import { type FaultyWeb, startFaultyWeb } from '../web/faults.ts';

let web: FaultyWeb;
let gate: Gate;
const lookup = async () => ['127.0.0.1'];

beforeAll(async () => {
  web = await startFaultyWeb();
  gate = await openGate({ resolve: web.resolve, proxy: null, lookup });
});
afterAll(async () => {
  await gate.close();
  await web.close();
});

/** What a browser gets for an absolute URL; 'hung up' when the gate closes without an answer. */
function ask(through: Gate, url: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(
      { port: new URL(through.address).port, host: '127.0.0.1', path: url, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', () => resolve('hung up'));
        answer.on('end', () => resolve(`${answer.statusCode} ${Buffer.concat(parts)}`));
      },
    );
    asked.on('error', () => resolve('hung up'));
    asked.end();
  });
}

function tunnel(through: Gate, target: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(through.address).port), '127.0.0.1');
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    socket.once('data', (answer: Buffer) => {
      resolve(answer.toString().split('\r\n')[0]!);
      socket.destroy();
    });
    socket.once('error', () => resolve('hung up'));
    socket.once('close', () => resolve('hung up'));
  });
}

describe('the gate', () => {
  test('passes requests and tunnels to where the operator points', async () => {
    expect(await ask(gate, 'http://faulty.test/ok')).toContain('All is well');
    expect(await tunnel(gate, 'tls.test:443')).toBe('HTTP/1.1 200 Connection Established');
  });

  test('hangs up on what may not be reached, and tells why', async () => {
    const before = gate.counts.refused;
    const inner = `127.0.0.1:${web.port}`;
    for (const url of [
      `http://${inner}/secret`,
      'http://localhost/',
      'http://[::1]/',
      'http://rebind.example/',
      'ftp://faulty.test/',
    ]) {
      expect(await ask(gate, url)).toBe('hung up');
    }
    for (const target of [inner, 'localhost:443', '[::1]:443', 'rebind.example:443', 'example.com:22']) {
      expect(await tunnel(gate, target)).toBe('hung up');
    }
    expect(gate.counts.refused - before).toBe(9);
    expect(gate.lastRefusal).toEqual({
      host: 'example.com',
      reason: 'private_address',
      detail: 'port 22 is none of the ports of web sites (80, 443, 8080, 8443)',
    });
    expect([...web.hits.keys()].filter((url) => url.includes('secret'))).toEqual([]);
  });

  test('cuts everything once too much has come in', async () => {
    const narrow = await openGate(
      { resolve: web.resolve, proxy: null, lookup },
      { ...GATE_LIMITS, bytes: 100_000 },
    );
    expect(await ask(narrow, 'http://faulty.test/big')).toBe('hung up');
    expect(await ask(narrow, 'http://faulty.test/ok')).toBe('hung up');
    expect(narrow.lastRefusal?.reason).toBe('too_large');
    await narrow.close();
  });

  test('passes through another proxy', async () => {
    const outer = await openGate({ resolve: {}, proxy: gate.address, lookup });
    expect(await ask(outer, 'http://faulty.test/ok')).toContain('All is well');
    expect(await tunnel(outer, 'tls.test:443')).toBe('HTTP/1.1 200 Connection Established');
    expect(await ask(outer, 'http://127.0.0.1/')).toBe('hung up');
    await outer.close();
  });
});
