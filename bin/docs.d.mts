/** Why the documents cannot be built here; null when they can. */
export const docsMissing: string | null;
export function pageOf(path: string): string;
export function sources(): string[];
export function buildDocs(out: string): void;
