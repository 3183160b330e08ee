/** As whom a page is asked for besides Kuzet itself: names of the profiles that `crawler/profiles.ts` holds. */
export const PROFILES = ['desktop', 'mobile', 'ad-search', 'ad-messenger', 'ad-social', 'kz'] as const;
export type ProfileName = (typeof PROFILES)[number];
