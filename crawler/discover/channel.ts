/**
 * The public preview of a Telegram channel (`https://t.me/s/NAME`): its posts and what they lead to.
 *
 * The preview is server HTML that anyone sees without an account. Read are the channel and its posts, never its
 * members or who reacted. Class names are those of the preview's widget as of November 2026.
 */
import { siteOf } from '../../domain/url.ts';
import { treeOf } from '../extract/tree.ts';

export interface ChannelPage {
  /** Subscribers as the page counts them; null when it does not say. */
  readonly subscribers: number | null;
  /** In the order of the page, oldest first. */
  readonly posts: readonly ChannelPost[];
  /** Where older posts are; null on the first page ever. */
  readonly older: string | null;
}

export interface ChannelPost {
  /** Number within the channel. */
  readonly id: number;
  readonly at: Date | null;
  readonly text: string;
  readonly views: number | null;
  /** Addresses it leads to beyond the messenger, each once. */
  readonly links: readonly string[];
  /** The public channel that it was forwarded from, as `name`; null for its own words. */
  readonly forwardedFrom: string | null;
}

const MOST_POSTS = 200;

export function readChannelPage(html: string, url: string): ChannelPage {
  const $ = treeOf(html);
  const own = siteOf(new URL(url).host);
  const posts = $('.tgme_widget_message[data-post]')
    .toArray()
    .slice(0, MOST_POSTS)
    .flatMap((element): ChannelPost[] => {
      const post = $(element);
      const id = Number(/\/(\d+)$/.exec(post.attr('data-post') ?? '')?.[1] ?? Number.NaN);
      if (!Number.isSafeInteger(id)) return [];
      const links = new Set<string>();
      for (const link of post.find('a[href]').toArray()) {
        const href = $(link).attr('href') ?? '';
        if (!URL.canParse(href, url)) continue;
        const target = new URL(href, url);
        if (/^https?:$/.test(target.protocol) && !isMessenger(target, own)) links.add(target.href);
      }
      const at = new Date(post.find('time[datetime]').last().attr('datetime') ?? '');
      const from = post.find('.tgme_widget_message_forwarded_from_name').attr('href') ?? '';
      return [
        {
          id,
          at: Number.isNaN(at.getTime()) ? null : at,
          text: post.find('.tgme_widget_message_text').text().trim().slice(0, 20_000),
          views: countIn(post.find('.tgme_widget_message_views').text()),
          links: [...links],
          forwardedFrom: /^https?:\/\/[^/]+\/(?:s\/)?(\w{4,32})(?:\/|$)/.exec(from)?.[1] ?? null,
        },
      ];
    });
  const first = posts.reduce((least, { id }) => Math.min(least, id), Number.POSITIVE_INFINITY);
  const counters = $('.tgme_channel_info_counter').toArray();
  const readers = counters.find((each) => /subscriber|подписчик|жазылушы/i.test($(each).text()));
  return {
    subscribers: readers === undefined ? null : countIn($(readers).find('.counter_value').text()),
    posts,
    older: first > 1 && Number.isFinite(first) ? pageBefore(url, first) : null,
  };
}

function pageBefore(url: string, post: number): string {
  const older = new URL(url);
  older.search = `?before=${post}`;
  return older.href;
}

function isMessenger(url: URL, own: string): boolean {
  const site = siteOf(url.host);
  return site === own || /^(?:t\.me|telegram\.(?:org|me|dog)|telesco\.pe)$/.test(site);
}

/** `12.4K`, `1.2M` and `873`; null for none. */
function countIn(text: string): number | null {
  const found = /^([\d\s.,]+)([KM]?)$/i.exec(text.trim());
  if (found === null) return null;
  const number = Number(found[1]!.replace(/\s/g, '').replace(',', '.'));
  if (!Number.isFinite(number)) return null;
  const times = { '': 1, K: 1_000, M: 1_000_000 }[found[2]!.toUpperCase()] ?? 1;
  return Math.round(number * times);
}
