export function pageOf(path: string): string;
export function sources(): string[];
export function buildDocs(out: string): void;
