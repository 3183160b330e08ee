/** Internet addresses as marks of who placed something. */

/** 100.64.0.0/10: addresses behind a carrier's translation (RFC 6598). */
export function isCarrierNat(ip: string): boolean {
  const [first, second] = ip.split('.').map(Number);
  return first === 100 && second !== undefined && second >= 64 && second < 128;
}

/** An IPv4 address as it is, of an IPv6 address its /64, which is one subscriber's line (RFC 6177). */
export function networkPart(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const parts = [...left, ...Array<string>(gap).fill('0'), ...right].slice(0, 4);
  return `${parts.map((part) => Number.parseInt(part || '0', 16).toString(16)).join(':')}::/64`;
}
