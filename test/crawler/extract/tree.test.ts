import { describe, expect, test } from 'vitest';
import { treeOf } from '../../../crawler/extract/tree.ts';

describe('treeOf', () => {
  test('reads elements that close themselves and those that nobody closed', () => {
    const $ = treeOf('<ul><li class="a">Бір<li>Екі</ul><p>Үш<br>Төрт');
    expect(
      $('li')
        .toArray()
        .map((it) => $(it).text()),
    ).toEqual(['Бір', 'Екі']);
    expect($('p').text()).toBe('ҮшТөрт');
  });

  test('keeps what stands above the thousandth element within another, and reads no deeper', () => {
    const $ = treeOf(`<h1>Үй</h1>${'<b>'.repeat(300_000)}x</b>`);
    expect($('h1').text()).toBe('Үй');
    expect($('b').length).toBe(1_000);
  });
});
