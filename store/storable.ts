/** PostgreSQL text holds no NUL and no half of a surrogate pair; hostile pages and lists hold both. */
export function storable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\u0000', '\uFFFD')
    .replaceAll(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd');
}
