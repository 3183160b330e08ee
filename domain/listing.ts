/** One advertisement on a marketplace or shop, as its page declares it. */
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
}

export interface Seller {
  /** The site's own number or the seller's address; null when neither is shown. */
  readonly id: string | null;
  readonly name: string;
}
