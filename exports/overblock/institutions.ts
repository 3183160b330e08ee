/** Hosts that may never be referred: see the head of `institutions.json` for whose they are. */
import table from './institutions.json' with { type: 'json' };

export type InstitutionKind =
  | 'state'
  | 'regulator'
  | 'bank'
  | 'broker'
  | 'payment'
  | 'insurer'
  | 'school'
  | 'utility'
  | 'health'
  | 'media';

export interface Institution {
  readonly host: string;
  readonly kind: InstitutionKind;
}

export const INSTITUTIONS: readonly Institution[] = table.institutions as readonly Institution[];

const BY_HOST: ReadonlyMap<string, Institution> = new Map(INSTITUTIONS.map((it) => [it.host, it]));

/** Second levels that registries keep for states and schools: `gov.sg`, `ac.jp`, `edu.au`. */
const RESERVED = /(?:^|\.)(gov|gob|gouv|mil|edu|ac)\.[a-z]{2}$/;

/** The institution a host belongs to, itself or by a name above it; null for none. */
export function institutionOf(host: string): Institution | null {
  for (let name = host; ; name = name.slice(name.indexOf('.') + 1)) {
    const known = BY_HOST.get(name);
    if (known !== undefined) return known;
    const level = RESERVED.exec(name)?.[1];
    if (level !== undefined && name.indexOf('.') === level.length) {
      return { host: name, kind: level === 'edu' || level === 'ac' ? 'school' : 'state' };
    }
    if (!name.includes('.')) return null;
  }
}
