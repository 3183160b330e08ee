/** An SSH server of the test's own, Debian's: a user's key, a host key, SFTP into one folder, loopback alone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const SSHD = '/usr/sbin/sshd';
/** Where it is installed, with its SFTP server. */
export const sshdIsHere = existsSync(SSHD) && existsSync('/usr/lib/openssh/sftp-server');

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** `SHA256:…` */
  readonly hostKey: string;
  readonly keyFile: string;
  close(): Promise<void>;
}

/** @param home an empty folder for its keys and configuration. */
export async function startSshd(home: string): Promise<Sshd> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const key = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, name)]);
    return join(home, name);
  };
  const [hostKey, userKey] = [key('host'), key('user')];
  writeFileSync(join(home, 'authorized_keys'), readFileSync(`${userKey}.pub`));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
    `PidFile ${join(home, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'AllowTcpForwarding no',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
  ].join('\n');
  writeFileSync(join(home, 'sshd_config'), `${config}\n`);
  // As root it drops its privileges into this folder.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-e', '-f', join(home, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await untilOpen(child, port, () => said);
  const [, shown = ''] = execFileSync('ssh-keygen', ['-l', '-f', `${hostKey}.pub`])
    .toString()
    .split(' ');
  return {
    port,
    user: userInfo().username,
    hostKey: shown,
    keyFile: userKey,
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilOpen(child: ChildProcess, port: number, said: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said()}`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
