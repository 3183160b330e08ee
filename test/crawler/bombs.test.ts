import { execFile } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliCompress, gzipSync, constants as zlib } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pixelsOf } from '../../crawler/fetch/picture-size.ts';
import { HAS_ZSTD } from '../../crawler/fetch/zstd.ts';
import { createFetcher } from '../../crawler/fetch.ts';
import { openGate } from '../../crawler/gate.ts';
import { listen } from '../web/faults.ts';

const CHILD = fileURLToPath(new URL('./children/fetch-one.ts', import.meta.url));
const run = promisify(execFile);

const MEGABYTE = 1 << 20;
const GIGABYTE = 1024 * MEGABYTE;
const zstdNote = HAS_ZSTD ? '' : ' (skipped: no decoder for zstd is installed)';

/** 1 GB of zeros, in about a megabyte: gzip members may follow each other (RFC 1952, section 2.2). */
const gzipBomb = Buffer.concat(Array<Buffer>(64).fill(gzipSync(Buffer.alloc(16 * MEGABYTE))));

async function brotliBomb(): Promise<Buffer> {
  const squeeze = createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 1 } });
  const whole = buffer(squeeze);
  const zeros = Buffer.alloc(16 * MEGABYTE);
  for (let left = GIGABYTE / zeros.length; left > 0; left -= 1) {
    await new Promise<void>((done) => squeeze.write(zeros, () => done()));
  }
  squeeze.end();
  return whole;
}

/** One frame of `blocks` blocks (RFC 8878, section 3.1.1): each says "this byte, `size` times" in four bytes. */
function zstdFrame(blocks: number, size: number, windowDescriptor = 0x38): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor]);
  const body = Buffer.alloc(blocks * 4);
  for (let block = 0; block < blocks; block += 1) {
    const isLast = block === blocks - 1 ? 1 : 0;
    body.writeUIntLE((size << 3) | (1 << 1) | isLast, block * 4, 3);
    body[block * 4 + 3] = 0x20;
  }
  return Buffer.concat([head, body]);
}

/** "<title>Тез табыс</title><p>…" by the reference implementation, `zstd -19`. */
const ZSTD_PAGE = Buffer.from(
  'KLUv/QRoLQMAQoYUGpArHZKYGU+1zdIY43gQnWuo3f3Q9TJoZtQEATZ+SluhxJteK7WU1Adgty7NhvKUOr3Gn7yA6QH4dLb14VLizgQyCMPS1mmc6V1XRxPFkRjJEAUAkZDWL8O0+Vik6kMeJh5owPWv',
  'base64',
);

describe('a body that unpacks to far more than it is', () => {
  const bodies = new Map<string, { readonly encoding: string; readonly bytes: Buffer }>();
  let server: Server;
  let port: number;
  let resolve: Record<string, string>;
  beforeAll(async () => {
    const page = (encoding: string, bytes: Buffer) => ({ encoding, bytes });
    bodies.set('/ok', page('identity', Buffer.from('<p>Сәлем')));
    bodies.set('/gzip', page('gzip', gzipBomb));
    bodies.set('/gzip-twice', page('gzip, gzip', gzipSync(gzipBomb)));
    bodies.set('/br', page('br', await brotliBomb()));
    bodies.set('/br-in-gzip', page('br, gzip', gzipSync(bodies.get('/br')!.bytes)));
    bodies.set('/five-times', page('gzip, gzip, gzip, gzip, gzip', gzipBomb));
    bodies.set('/zstd', page('zstd', zstdFrame(8192, 131_071)));
    bodies.set('/zstd-window', page('zstd', zstdFrame(1, 1, 0xff)));
    bodies.set('/zstd-idle', page('zstd', zstdFrame(1_000_000, 1, 0x68)));
    bodies.set('/zstd-page', page('zstd', ZSTD_PAGE));
    bodies.set('/zstd-cut', page('zstd', ZSTD_PAGE.subarray(0, 40)));
    const picture = '89504e470d0a1a0a0000000d4948445200007530 00004e20'.replaceAll(' ', '');
    bodies.set('/picture', page('identity', Buffer.concat([Buffer.from(picture, 'hex'), Buffer.alloc(40)])));
    server = createServer((request, response) => {
      const { encoding, bytes } = bodies.get(request.url ?? '')!;
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': encoding });
      response.end(bytes);
    });
    port = await listen(server);
    resolve = { 'bomb.test': `127.0.0.1:${port}` };
  }, 60_000);
  afterAll(() => {
    server.close();
  });

  const zstdCases = HAS_ZSTD ? ['/zstd', '/zstd-window', '/zstd-idle'] : [];
  test.each(['/gzip', '/gzip-twice', '/br', '/br-in-gzip', ...zstdCases])(
    'is refused by name and takes less than 50 MB on its way: 1 GB of %s',
    async (path) => {
      const { stdout } = await run(process.execPath, ['--import', 'tsx', CHILD, String(port), path]);
      const { reason, detail, grownMb } = JSON.parse(stdout) as {
        reason: string;
        detail: string;
        grownMb: number;
      };
      expect([reason, detail]).toEqual(['too_large', expect.stringContaining('unpack to more than')]);
      expect(grownMb).toBeLessThan(50);
    },
    30_000,
  );

  const get = async (path: string) => {
    const fetcher = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup: async () => [] });
    try {
      return await fetcher.fetch(new URL(path, 'http://bomb.test'), { proxy: null, resolve });
    } finally {
      await fetcher.close();
    }
  };

  test('is not even begun where it is packed more than three times over', async () => {
    await expect(get('/five-times')).rejects.toMatchObject({
      facts: { reason: 'bad_encoding', detail: 'it is encoded 5 times over' },
    });
  });

  test.skipIf(!HAS_ZSTD)(
    `while an honest zstd page is read, and a broken one is called so${zstdNote}`,
    async () => {
      const { body, exchanges } = await get('/zstd-page');
      expect(body.toString()).toContain('<title>Тез табыс</title>');
      expect(Object.fromEntries(exchanges[0]!.requestHeaders)['accept-encoding']).toContain('zstd');
      await expect(get('/zstd-cut')).rejects.toMatchObject({ facts: { reason: 'bad_encoding' } });
    },
  );

  test('does not reach the browser either, nor does a picture of too many pixels', async () => {
    const gate = await openGate({ resolve, proxy: null, lookup: async () => [] });
    const { port: gatePort } = new URL(gate.address);
    for (const path of ['/gzip', '/picture']) {
      const end = await new Promise<string>((done) => {
        const asked = request({ host: '127.0.0.1', port: gatePort, path: `http://bomb.test${path}` });
        asked.once('response', () => done('answered'));
        asked.once('error', () => done('hung up'));
        asked.end();
      });
      expect(end).toBe('hung up');
    }
    expect(gate.refusals.map(({ url, detail }) => [url, detail])).toEqual([
      ['http://bomb.test/gzip', expect.stringContaining('unpack to more than 30000000')],
      ['http://bomb.test/picture', 'it is a picture of 600000000 pixels'],
    ]);
    await gate.close();
  });
});

describe('the pixels of a picture', () => {
  const from = (hex: string) =>
    Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), Buffer.alloc(40)]);

  test.each([
    ['PNG', '89504e470d0a1a0a 0000000d 49484452 00007530 00004e20', 30_000 * 20_000],
    ['GIF', '474946383961 3075 204e', 30_000 * 20_000],
    [
      'WebP with its own header',
      '52494646 00000000 57454250 56503858 0a000000 00000000 2f7500 1f4e00',
      30_000 * 20_000,
    ],
    ['lossless WebP', '52494646 00000000 57454250 5650384c 0a000000 2f 8fc1f900', 400 * 1000],
    ['lossy WebP', '52494646 00000000 57454250 56503820 0a000000 000000 9d012a 9001 e803', 400 * 1000],
    ['JPEG', 'ffd8 ffe0 0004 0000 ffc2 0011 08 03e8 0190', 400 * 1000],
  ])('are read from its header: %s', (_, hex, pixels) => {
    expect(pixelsOf(from(hex))).toBe(pixels);
  });

  test('are not known of anything else', () => {
    expect(pixelsOf(Buffer.from('<!doctype html><title>Сәлем</title><p>Сәлем'))).toBe(null);
    expect(pixelsOf(Buffer.from('89504e47', 'hex'))).toBe(null);
  });
});
