/**
 * The words said to a SOCKS5 proxy before it joins a connection to a site: RFC 1928, and RFC 1929 for a name and
 * password. Over TCP only, which is all that a crawler needs.
 *
 *     greeting ──► method ──► (name, password ──► verdict) ──► target ──► answer, then the site's own bytes
 */
import { isIP, type Socket } from 'node:net';

/** The proxy said no, or something that is no SOCKS5. `isRefused`: the site itself refused the connection. */
export class SocksRefusedError extends Error {
  override readonly name = 'SocksRefusedError';
  readonly facts: { readonly detail: string; readonly isRefused: boolean };

  constructor(facts: SocksRefusedError['facts']) {
    super(`The SOCKS5 proxy opened no connection: ${facts.detail}.`);
    this.facts = facts;
  }
}

/** RFC 1928, section 6. */
const REPLIES: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules forbid it',
  3: 'the network cannot be reached',
  4: 'the host cannot be reached',
  5: 'the host refused the connection',
  6: 'it took too many hops',
  7: 'it knows no such command',
  8: 'it knows no such kind of address',
};

const NAME_AND_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;

/**
 * Leaves the socket joined to the target, with nothing read of what the site says.
 *
 * @param proxy its user name and password are used when it asks for them.
 * @param target a name is resolved by the proxy, an IP address goes as it is.
 * @throws SocksRefusedError; the signal's reason when aborted; the socket's own error.
 */
export async function joinBySocks(
  socket: Socket,
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<void> {
  const hear = (bytes: number) => exactly(socket, bytes, signal);
  const isNamed = proxy.username !== '';
  socket.write(Buffer.from(isNamed ? [5, 2, 0, NAME_AND_PASSWORD] : [5, 1, 0]));
  const [version, method] = await hear(2);
  if (version !== 5) throw refused('it does not speak SOCKS5');
  if (method === NAME_AND_PASSWORD && isNamed) {
    socket.write(credentials(proxy));
    const [, verdict] = await hear(2);
    if (verdict !== 0) throw refused('it does not know this name and password');
  } else if (method !== 0) {
    throw refused(
      method === NONE_ACCEPTABLE ? 'it asks for a name and a password' : 'it asks for what we have not',
    );
  }
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), addressBytes(target.host), portBytes(target.port)]));
  const [, reply = 1, , kind] = await hear(4);
  if (reply !== 0) throw refused(REPLIES[reply] ?? `it answered ${reply}`, reply === 5);
  // Where the proxy's own end is bound is of no use to us.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : (await hear(1))[0]!;
  await hear(length + 2);
}

function refused(detail: string, isRefused = false): SocksRefusedError {
  return new SocksRefusedError({ detail, isRefused });
}

function credentials({ username, password }: URL): Buffer {
  const [name, word] = [username, password].map((it) => Buffer.from(decodeURIComponent(it)).subarray(0, 255));
  return Buffer.concat([Buffer.of(1, name!.length), name!, Buffer.of(word!.length), word!]);
}

function addressBytes(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return Buffer.from([1, ...host.split('.').map(Number)]);
    case 6:
      return Buffer.from([4, ...sixteenBytes(host)]);
    default:
      return Buffer.concat([Buffer.of(3, host.length), Buffer.from(host, 'latin1')]);
  }
}

/** `host` is one of the spellings of RFC 4291, section 2.2. */
function sixteenBytes(host: string): number[] {
  // A URL writes each in one way only: groups in hex, no dots.
  const canonical = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [before = '', after] = canonical.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(before), groups(after ?? '')];
  const zeros = Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 255]);
}

function portBytes(port: number): Buffer {
  return Buffer.of(port >> 8, port & 255);
}

/** The next `bytes` bytes and not one more. */
async function exactly(socket: Socket, bytes: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    signal.throwIfAborted();
    const found: Buffer | null = socket.read(bytes);
    // At its end a socket gives what is left, though it be less.
    if (found !== null && found.length === bytes) return found;
    if (found !== null || socket.readableEnded || socket.destroyed) throw refused('it hung up');
    await new Promise<void>((resolve, reject) => {
      const over = () => {
        socket.off('readable', over).off('end', over).off('close', over).off('error', failed);
        signal.removeEventListener('abort', over);
        resolve();
      };
      const failed = (error: Error) => {
        over();
        reject(error);
      };
      socket.on('readable', over).on('end', over).on('close', over).on('error', failed);
      signal.addEventListener('abort', over);
    });
  }
}
