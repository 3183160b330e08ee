import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { type ScanHandler, type ScanLimits, scan } from '../../../crawler/extract/scan.ts';

const WIDE: ScanLimits = { tags: 1_000_000, depth: 1_000_000, block: 32_768 };

/** What is told, in order; neighbouring pieces of text joined, since how they are cut is nobody's business. */
function gathered(read: (handler: ScanHandler) => void): string[] {
  const events: string[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') events.push(`text ${text}`);
    text = '';
  };
  read({
    onopentag(name, attributes) {
      flush();
      events.push(`open ${name} ${JSON.stringify(attributes)}`);
    },
    onclosetag(name) {
      flush();
      events.push(`close ${name}`);
    },
    ontext(data) {
      text += data;
    },
  });
  flush();
  return events;
}

const told = (html: string, limits = WIDE) => gathered((handler) => scan(html, handler, limits));

/** htmlparser2, which takes an element below a depth for a void one, as our limit does. */
class Reference extends Parser {
  private isTooDeep = false;
  private isOpening = false;
  private readonly most: number;
  private readonly depth: () => number;

  constructor(handler: ScanHandler, most: number) {
    let depth = 0;
    super(
      {
        ...handler,
        onopentag: (name, attributes) => {
          depth += 1;
          handler.onopentag(name, attributes);
        },
        onclosetag: (name) => {
          depth -= 1;
          handler.onclosetag(name);
        },
      },
      { decodeEntities: true },
    );
    this.most = most;
    this.depth = () => depth;
  }

  override onopentagname(start: number, endIndex: number): void {
    this.isOpening = true;
    this.isTooDeep = false;
    super.onopentagname(start, endIndex);
    this.isOpening = false;
  }

  override onclosetag(start: number, endIndex: number): void {
    this.isTooDeep = false;
    super.onclosetag(start, endIndex);
  }

  protected override isVoidElement(name: string): boolean {
    if (this.isOpening) this.isTooDeep = this.depth() >= this.most;
    return this.isTooDeep || super.isVoidElement(name);
  }
}

const expected = (html: string, depth = WIDE.depth) =>
  gathered((handler) => new Reference(handler, depth).end(html));

const PIECES = [
  ...[
    '<',
    '>',
    '/',
    '=',
    '"',
    "'",
    '!',
    '-',
    '--',
    '?',
    '[',
    ']',
    ']]>',
    '&',
    ';',
    '#',
    ' ',
    '\n',
    '\t',
    '\f',
    '\r',
  ],
  ...['a', 'B', 'p', 's', 't', 'x', 'қ', 'İ', '0', '9', 'words', ' '],
  ...[
    '<p>',
    '</p>',
    '<br>',
    '</br>',
    '<br/>',
    '<div>',
    '</div>',
    '<li>',
    '<tr>',
    '<td>',
    '<th>',
    '<b>',
    '</b>',
  ],
  ...[
    '<a href="',
    '<a href=',
    "<a x='",
    '">',
    "'>",
    ' class=',
    'id',
    '<img src=x>',
    '<input>',
    '<select>',
    '<option>',
  ],
  ...[
    '<script>',
    '</script>',
    '<SCRIPT ',
    '</scr',
    '<style>',
    '</style >',
    '<title>',
    '</title>',
    '<xitle>',
    '<tmp>',
  ],
  ...[
    '<textarea>',
    '</textarea>',
    '<xmp>',
    '</xmp/',
    '<svg>',
    '</svg>',
    '<svg/>',
    '<path/>',
    '<math>',
    '<desc>',
  ],
  ...[
    '<!--',
    '-->',
    '<!-->',
    '<!doctype html>',
    '<![CDATA[',
    '<![CDATA',
    '<?xml',
    '?>',
    '</>',
    '</ ',
    '</1',
    '<!',
    '<!-',
  ],
  ...[
    '&amp;',
    '&amp',
    '&lt;',
    '&nbsp;',
    '&notin;',
    '&not',
    '&notit;',
    '&eacute',
    '&#1084;',
    '&#x43C;',
    '&#150;',
    '&#0;',
  ],
  ...[
    '&#',
    '&#x',
    '&unknown;',
    '&CounterClockwiseContourIntegral;',
    '&copy=',
    '&constructor;',
    '__proto__',
    'constructor',
  ],
] as const;
const source = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('scan', () => {
  test('tells tags, attributes and text, entities decoded', () => {
    expect(told('<p class=a ID="b&amp;c">Тез &laquo;табыс&raquo;<br>!')).toEqual([
      'open p {"class":"a","id":"b&c"}',
      'text Тез «табыс»',
      'open br {}',
      'close br',
      'text !',
      'close p',
    ]);
  });

  test('reads no tags inside scripts, styles and titles', () => {
    expect(told('<script>if (a<b) "</p>"</script><title><b>&amp;</title>')).toEqual([
      'open script {}',
      'text if (a<b) "</p>"',
      'close script',
      'open title {}',
      'text <b>&',
      'close title',
    ]);
  });

  test.each([
    ['a tag that is never finished', 'a<b href="x', ['text a', 'close b']],
    ['a lone sign', '1 < 2 && 3 </> 4', ['text 1 < 2 && 3 </> 4']],
    ['a comment without an end', 'a<!-- b', ['text a']],
    ['the shortest comment', 'a<!-->b', ['text ab']],
    ['nothing', '', []],
  ])('takes %s for what htmlparser2 does', (_, html, events) => {
    expect(told(html)).toEqual(events);
    expect(expected(html)).toEqual(events);
  });

  test('tells of any source what htmlparser2 tells', () => {
    fc.assert(
      fc.property(source, (html) => {
        expect(told(html)).toEqual(expected(html));
      }),
      { numRuns: 5_000 },
    );
  });

  test('tells of any source the same where elements below a depth are closed at once', () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 0, max: 4 }), (html, depth) => {
        expect(told(html, { ...WIDE, depth })).toEqual(expected(html, depth));
      }),
      { numRuns: 2_000 },
    );
  });

  test('ends with the block in which there are too many tags', () => {
    const html = '<i>x</i>'.repeat(100);
    expect(told(html, { ...WIDE, tags: 10, block: 100 })).toEqual(expected(html.slice(0, 100)));
    expect(told(html, { ...WIDE, tags: 200, block: 100 })).toEqual(expected(html));
  });

  test.each([
    ['<', 300_000],
    ['<a x="', 300_000],
    ['<!--', 300_000],
    ['</title', 200_000],
    ['<title></titl', 100_000],
    ['<p', 300_000],
    ['&amp', 100_000],
    ['<b>', 300_000],
    ['</b><b>', 200_000],
    ['<svg><title>', 100_000],
  ])('comes to an end on %s over and over', (piece, times) => {
    let events = 0;
    const count = () => {
      events += 1;
    };
    const handler = { onopentag: count, onclosetag: count, ontext: count };
    scan(piece.repeat(times), handler, { tags: 400_000, depth: 256, block: 32_768 });
    expect(events).toBeLessThan(2_000_000);
  });
});
