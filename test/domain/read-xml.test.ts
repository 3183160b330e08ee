import fc from 'fast-check';
import { XmlDocument } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { BadXmlError, readXml, textOf, type XmlElement } from '../../domain/read-xml.ts';

const read = (xml: string) => readXml(Buffer.from(xml));
const why = (xml: string | Uint8Array) => {
  try {
    readXml(Buffer.from(xml as string));
    return 'read';
  } catch (error) {
    if (!(error instanceof BadXmlError)) throw error;
    return error.facts.why;
  }
};

describe('readXml', () => {
  test('reads elements in their namespaces, attributes, text and CDATA', () => {
    const root = read(
      '<?xml version="1.0" encoding="UTF-8"?>\n<a:x xmlns:a="urn:a" xmlns="urn:b" n=\'1 &gt; 0\'><y>ә &amp; &#1179;</y><![CDATA[<z>]]><!-- no --></a:x>\n',
    );
    expect([root.namespace, root.name, root.attributes.get('n')]).toEqual(['urn:a', 'x', '1 > 0']);
    expect([root.children[0]?.namespace, textOf(root, 'y'), root.text.trim()]).toEqual([
      'urn:b',
      'ә & қ',
      '<z>',
    ]);
    expect(textOf(root, 'z')).toBeNull();
  });

  test.each([
    ['<!DOCTYPE a><a/>', /document type/],
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type/],
    ['<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;&l;&l;">]><a>&m;</a>', /document type/],
    ['<a>&x;</a>', /no letter/],
    ['<a>&#0;</a>', /no letter/],
    ['<a>&#xd800;</a>', /no letter/],
    ['<a>&#99999999;</a>', /no letter/],
    ['<?php echo 1 ?><a/>', /processing instruction/],
    ['<a><?x y?></a>', /processing instruction/],
    ['<a><b></a></b>', /closes what is not open/],
    ['<a>', /not closed/],
    ['<a/><b/>', /two roots/],
    ['<a/>x', /outside the root/],
    ['<a b="1" b="2"/>', /twice/],
    ['<x:a/>', /not declared/],
    ['<a b=1/>', /no tag/],
    ['< a/>', /no tag/],
    ['', /no element/],
    ['<a>\u0001</a>', /character/],
    [`${'<a>'.repeat(65)}${'</a>'.repeat(65)}`, /deeper/],
    [`<a>${'<b/>'.repeat(20_000)}</a>`, /more than 20000/],
    [`<a>${'x'.repeat(4 * 1024 * 1024)}</a>`, /larger/],
  ])('refuses %.60s', (xml, expected) => {
    expect(why(xml)).toMatch(expected);
  });

  test('refuses bytes that are no UTF-8', () => {
    expect(why(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e))).toMatch(/UTF-8/);
  });

  test('reads what libxml2 reads, as it reads it, and nothing that libxml2 refuses', () => {
    const pieces = fc.constantFrom(
      ...['<a>', '</a>', '<b c="1">', '</b>', '<d/>', "<e f='&lt;'/>", 'мәтін', '&amp;', '&x;', '&#65;'],
      ...['<![CDATA[<]]>', '<!-- y -->', ' ', '>', ']]>', '<', '"', '<n:a xmlns:n="urn:n"/>', '<a b="x>y"/>'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const xml = `<r>${parts.join('')}</r>`;
        let theirs: string | null = null;
        try {
          using document = XmlDocument.fromString(xml);
          theirs = sorted(document.root.content);
        } catch {
          theirs = null;
        }
        const own = why(xml) === 'read' ? contentOf(xml) : null;
        // Strictness may differ by a rule of names; never the other way round.
        if (own !== null) expect(own).toBe(theirs);
        if (theirs !== null) expect(own).toBe(theirs);
      }),
      { numRuns: 500 },
    );
  });
});

/** All letters of all depth, sorted: the reader keeps text and children apart, so their order among each other is gone. */
function contentOf(xml: string): string {
  const pieces: string[] = [];
  const walk = (it: XmlElement): void => {
    pieces.push(it.text);
    it.children.forEach(walk);
  };
  walk(read(xml));
  return sorted(pieces.join(''));
}

function sorted(text: string): string {
  return [...text].sort().join('');
}
