/**
 * One advertisement on a marketplace or shop: as its page declares it, or as the marketplace itself feeds it.
 *
 * A key that is missing was not asked for (a crawled page knows no IP address); null is known to be absent.
 */
export interface Listing {
  /** The site's own number for it; null when it names none. */
  readonly id: string | null;
  /** Absolute; of the listing itself where the page shows several. */
  readonly url: string;
  readonly title: string;
  /** The seller's words, '' when the page shows only a card. */
  readonly text: string;
  /** In `currency`; null when not said. */
  readonly price: number | null;
  /** ISO 4217, upper case (`KZT`); null when not said. */
  readonly currency: string | null;
  readonly category: string | null;
  readonly city: string | null;
  readonly seller: Seller | null;
  /** Digits and `+` only. */
  readonly phone: string | null;
  /** Absolute addresses. */
  readonly images: readonly string[];
  readonly postedAt: Date | null;
  /** What the marketplace's form asked: `{"Год": "1998", "Цвет": "зеленый"}`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Perceptual hashes of the photos, 256 bits in hex each. */
  readonly photoHashes?: readonly string[];
  /** Where it was placed from; v4 or v6. */
  readonly ip?: string | null;
  /** The marketplace's mark of the device it was placed from. */
  readonly device?: string | null;
}

export interface Seller {
  /** The site's own number or the seller's address; null when neither is shown. */
  readonly id: string | null;
  readonly name: string;
  /** Age of the account when the listing was placed. */
  readonly accountAgeDays?: number | null;
}
