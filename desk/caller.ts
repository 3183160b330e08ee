/**
 * From where a request comes, for counting: behind a proxy that is trusted, what that proxy says.
 *
 *     client 203.0.113.9 -> proxy 192.0.2.1 -> desk       X-Forwarded-For: (whatever the client wrote), 203.0.113.9
 *
 * Read from the right: each trusted proxy vouches for the address that it added; the first that is no trusted proxy is the
 * caller, and what stands left of it is the caller's own invention. Nobody is trusted unless named, so a header counts
 * for nothing by default. Only what counts callers asks here; what lets somebody in by being on this machine
 * (`gate.ts`) asks for the connection itself.
 */
import { BlockList, isIP } from 'node:net';

export type IsTrusted = (address: string) => boolean;

/** @param networks addresses or networks, `192.0.2.1` or `2001:db8::/32`; checked by the configuration. */
export function trusting(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

/** An IPv4 address; of an IPv6 one the /64, which is what one household or server has. */
export function callerOf(peer: string, forwarded: string | undefined, isTrusted: IsTrusted): string {
  let caller = plainAddress(peer);
  for (const claimed of (forwarded ?? '').split(',').reverse()) {
    const address = plainAddress(claimed.trim());
    if (!isTrusted(caller) || isIP(address) === 0) break;
    caller = address;
  }
  return isIP(caller) === 6 ? networkOf(caller) : caller;
}

/** `::ffff:192.0.2.1`, `[2001:db8::1]:443` and `192.0.2.1:443` without what is around the address. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return bare.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1').replace(/%.*$/, '');
}

function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const whole = [
    ...left,
    ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'),
    ...right,
  ];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
