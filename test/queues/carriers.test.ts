import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderCarrier } from '../../queues/carriers/folder.ts';
import { sftpCarrier } from '../../queues/carriers/sftp.ts';
import { smartBridge } from '../../queues/carriers/smartbridge.ts';
import { carrierConformance } from '../conformance/carrier.ts';
import { type Sshd, sshdIsHere, startSshd } from '../engines/sshd.ts';
import { startGateway } from './gateway.ts';

const home = mkdtempSync(join(tmpdir(), 'kuzet-carriers-'));
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  rmSync(home, { recursive: true, force: true });
});

/** Files of a folder that others see, by name. */
function sums(folder: string): ReadonlyMap<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
  return new Map(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

carrierConformance('a folder', async () => {
  const folder = join(home, 'folder');
  writeFileSync(join(home, 'file'), 'no folder');
  return {
    carrier: folderCarrier(folder),
    deaf: folderCarrier(join(home, 'file')),
    arrived: async () => sums(folder),
  };
});

carrierConformance('the gateway SmartBridge', async () => {
  const gateway = await startGateway({ password: 's3cret' });
  closing.push(gateway.close);
  const place = { serviceId: 'TEST_SERVICE', senderId: 'kuzet', password: 's3cret', routeId: null };
  const now = () => new Date('2026-11-22T10:00:00.000Z');
  return {
    carrier: smartBridge({ ...place, url: gateway.url }, now),
    deaf: smartBridge({ ...place, url: 'http://127.0.0.1:9/' }, now),
    arrived: async () => gateway.files(),
  };
});

describe.skipIf(!sshdIsHere)('SFTP (needs Debian’s openssh-server)', () => {
  let sshd: Sshd;
  const folder = join(home, 'sftp', 'in', 'deep');
  const place = (over: Partial<Parameters<typeof sftpCarrier>[0]> = {}) => ({
    ...{ host: '127.0.0.1', port: sshd.port, user: sshd.user, folder, hostKey: sshd.hostKey },
    ...{ keyFile: sshd.keyFile, password: null, ...over },
  });
  const bytes = Buffer.from('PK and so on, '.repeat(20_000));
  const file = {
    name: 'KN_EXAMPLE_20261122_007_v1.zip',
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const part = join(folder, `.${file.name}.${file.sha256.slice(0, 16)}.part`);

  beforeAll(async () => {
    sshd = await startSshd(join(home, 'sshd'));
    closing.push(sshd.close);
    mkdirSync(folder, { recursive: true });
  }, 120_000);

  carrierConformance('SFTP', async () => ({
    carrier: sftpCarrier(place()),
    deaf: sftpCarrier(place({ port: 9, password: 's3cret' })),
    arrived: async () => sums(folder),
  }));

  test('sends nothing to a server whose key is not the pinned one', async () => {
    const other = sftpCarrier(place({ hostKey: `SHA256:${'A'.repeat(43)}` }));
    const failed = await other.carry(file).catch((cause: Error) => cause);
    expect(failed).toMatchObject({ name: 'NotTrustedError', facts: { shown: sshd.hostKey } });
    expect(sums(folder).has(file.name)).toBe(false);
  }, 120_000);

  test('goes on behind what an earlier try left, and starts anew when that is not of this file', async () => {
    writeFileSync(part, bytes.subarray(0, 100_000));
    const { ino } = statSync(part);
    await sftpCarrier(place()).carry(file);
    expect([sums(folder).get(file.name), statSync(join(folder, file.name)).ino]).toEqual([file.sha256, ino]);
    rmSync(join(folder, file.name));
    writeFileSync(part, Buffer.alloc(bytes.byteLength + 5, 1));
    await sftpCarrier(place()).carry(file);
    expect(sums(folder).get(file.name)).toBe(file.sha256);
    expect(existsSync(part)).toBe(false);
  }, 120_000);

  test('writes over no other file of that name', async () => {
    writeFileSync(join(folder, file.name), 'else');
    await expect(sftpCarrier(place()).carry(file)).rejects.toMatchObject({ name: 'FileDiffersError' });
    expect(readFileSync(join(folder, file.name), 'utf8')).toBe('else');
  }, 120_000);

  test('is refused to whoever has another key', async () => {
    const sent = sftpCarrier(place({ keyFile: join(home, 'sshd', 'host') }));
    await expect(sent.carry(file)).rejects.toMatchObject({ name: 'CarryFailedError' });
  }, 120_000);
});
