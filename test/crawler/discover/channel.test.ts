import { describe, expect, test } from 'vitest';
import { readChannelPage } from '../../../crawler/discover/channel.ts';

const AT = 'https://t.me/s/qazaq_tabys_example';
const post = (id: number, inner: string) =>
  `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="qazaq_tabys_example/${id}">${inner}
     <span class="tgme_widget_message_views">1.2K</span>
     <a class="tgme_widget_message_date" href="https://t.me/qazaq_tabys_example/${id}"><time datetime="2026-11-20T08:00:00+00:00">08:00</time></a>
   </div></div>`;
const html = `<div class="tgme_channel_info"><div class="tgme_channel_info_counters">
    <div class="tgme_channel_info_counter"><span class="counter_value">12.4K</span> <span class="counter_type">subscribers</span></div>
    <div class="tgme_channel_info_counter"><span class="counter_value">87</span> <span class="counter_type">photos</span></div></div></div>
  ${post(
    41,
    `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/other_channel/7">Другой</a>
     <div class="tgme_widget_message_text">Табыс күн сайын <a href="http://tabys.test/?ref=1">сайт</a> <a href="tg://resolve?domain=x">чат</a></div>`,
  )}
  ${post(42, `<div class="tgme_widget_message_text">Пишите <a href="https://t.me/somebody">сюда</a></div>`)}`;

describe('the preview of a channel', () => {
  test('gives its posts, what they lead to, and how many read it', () => {
    expect(readChannelPage(html, AT)).toEqual({
      subscribers: 12_400,
      older: 'https://t.me/s/qazaq_tabys_example?before=41',
      posts: [
        {
          id: 41,
          at: new Date('2026-11-20T08:00:00Z'),
          text: 'Табыс күн сайын сайт чат',
          views: 1200,
          links: ['http://tabys.test/?ref=1'],
          forwardedFrom: 'other_channel',
        },
        {
          id: 42,
          at: new Date('2026-11-20T08:00:00Z'),
          text: 'Пишите сюда',
          views: 1200,
          links: [],
          forwardedFrom: null,
        },
      ],
    });
  });

  test('that begins with the first post has nothing older', () => {
    expect(readChannelPage(post(1, ''), AT).older).toBeNull();
    expect(readChannelPage('<html></html>', AT)).toEqual({ subscribers: null, posts: [], older: null });
  });
});
