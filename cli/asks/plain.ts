/** Dates as ISO 8601 text: what a value becomes on its way through JSON. */
export type Plain<T> = T extends Date
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;
