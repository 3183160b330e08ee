/**
 * A page as it was read: the facts that classifiers and officers look at.
 *
 * Made by `crawler/extract/` from stored bytes alone, so that the same bytes always give the same page.
 * Every address in it is absolute; text keeps the order in which a reader meets it.
 */
export interface Page {
  /** Where it was read, after redirects; '' when only the bytes are known. */
  readonly url: string;
  /** `<html lang>` as written, lower case; null when absent. */
  readonly declaredLang: string | null;
  readonly title: string;
  /** `meta name=description`, else `og:description`; '' when neither. */
  readonly description: string;
  /** What a reader sees, a block a line, at most 200,000 characters. */
  readonly text: string;
  /** Text inside elements hidden by attribute or by the page's own style: not seen by a reader. */
  readonly hiddenText: string;
  /** The decoded source, at most 2,000,000 characters. */
  readonly html: string;
  readonly links: readonly Link[];
  readonly forms: readonly Form[];
  readonly scripts: readonly Script[];
  readonly images: readonly Image[];
  /** Addresses of frames. */
  readonly frames: readonly string[];
  /** `meta` name or property, lower case -> content; the first one of a name. */
  readonly metas: Readonly<Record<string, string>>;
  /** Parsed JSON-LD blocks; broken ones are left out. */
  readonly structured: readonly unknown[];
  readonly contacts: Contacts;
  readonly wallets: readonly Wallet[];
}

export interface Link {
  readonly href: string;
  readonly text: string;
  readonly rel: string;
}

export interface Form {
  /** Absolute; the page's own address when the form names none. */
  readonly action: string;
  readonly method: 'get' | 'post';
  readonly fields: readonly Field[];
  /** Words on its submit buttons. */
  readonly buttons: readonly string[];
}

export interface Field {
  readonly name: string;
  /** `text`, `password`, `tel` …; `select` and `textarea` for those elements. */
  readonly type: string;
  /** Label, placeholder and aria-label joined by spaces. */
  readonly label: string;
  readonly autocomplete: string;
}

export interface Script {
  /** Absolute; null for an inline script. */
  readonly src: string | null;
  /** Characters of inline source; 0 for an external script. */
  readonly inlineLength: number;
}

export interface Image {
  readonly src: string;
  readonly alt: string;
}

export interface Contacts {
  /** As written, digits and `+` only. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  /** `telegram:name`, `whatsapp:77010000000`, `instagram:name` … */
  readonly messengers: readonly string[];
}

/** A payment address whose checksum holds. */
export interface Wallet {
  readonly network: 'bitcoin' | 'ethereum' | 'tron';
  readonly address: string;
}
