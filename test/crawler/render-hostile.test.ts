import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import { selfSigned } from '../../crawler/certificate.ts';
import { type RenderLimits, renderPage } from '../../crawler/render.ts';
import { listen } from '../web/faults.ts';

const found = await findBrowser();
const skipNote = found.is === 'none' ? ' (skipped: no browser starts here)' : '';

describe.skipIf(found.is === 'none')(`a page that would do more than be read${skipNote}`, () => {
  let browser: Browser;
  let resolve: Record<string, string>;
  let ends: (() => void)[];
  const certificate = selfSigned('tls.test');
  /** `POST https://tls.test/x`, for all that reached a server. */
  const reached: string[] = [];
  let body = '';
  let answers: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {};

  beforeAll(async () => {
    const answer = (scheme: string) => (request: IncomingMessage, response: ServerResponse) => {
      const kind = request.headers.upgrade === undefined ? (request.method ?? '') : 'UPGRADE';
      reached.push(`${kind} ${scheme}://${request.headers.host}${request.url}`);
      const own = answers[request.url ?? ''];
      if (own !== undefined) {
        own(response, request);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(request.url === '/' ? `<title>Before</title><h1>Бет</h1>${body}` : 'ok');
    };
    const plain = createServer(answer('http'));
    const tls = createTlsServer(certificate, answer('https'));
    const port = await listen(plain);
    const tlsPort = await listen(tls);
    resolve = { 'plain.test': `127.0.0.1:${port}`, 'tls.test': `127.0.0.1:${tlsPort}` };
    if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
    ends = [plain, tls].map((server) => () => {
      server.closeAllConnections();
      server.close();
    });
  });
  afterAll(async () => {
    await browser.close();
    for (const end of ends) end();
  });
  beforeEach(() => {
    reached.length = 0;
    // A page with the picture /hold is loading until it asks for /release.
    let held: ServerResponse | null = null;
    answers = {
      '/hold': (response) => {
        held = response;
      },
      '/release': (response) => {
        held?.end();
        response.end();
      },
    };
  });

  const quick: Partial<RenderLimits> = {
    commitSeconds: 20,
    loadSeconds: 2,
    settleSeconds: 1,
    stepSeconds: 4,
  };
  const long: Partial<RenderLimits> = { ...quick, loadSeconds: 20, stepSeconds: 15 };
  function render(site: 'http://plain.test/' | 'https://tls.test/', html: string, limits = quick) {
    body = html;
    return renderPage(browser, new URL(site), 'asked', {
      reach: { resolve, proxy: null, lookup: async () => ['127.0.0.1'] },
      userAgent: 'Kuzet/0.1.0',
      authorities: certificate.cert,
      limits,
    });
  }

  /** What several renders of a page tell, each once, sorted: a try just before the picture may go down with the page. */
  async function tellings(wanted: number, show: () => Promise<readonly string[]>): Promise<string[]> {
    const told = new Set<string>();
    for (let times = 0; times < 5 && told.size < wanted; times += 1) {
      for (const it of await show()) told.add(it);
    }
    return [...told].sort();
  }

  const WRITES = `
    <form id="form" method="post" action="/form" target="sink"><input name="a"></form><iframe name="sink"></iframe>
    <a id="ping" href="#x" ping="/ping">x</a>
    <script>
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) fetch('/' + method, { method, body: 'x' }).catch(() => {});
      const request = new XMLHttpRequest();
      request.open('POST', '/xhr');
      request.send('x');
      navigator.sendBeacon('/beacon', 'x');
      document.getElementById('form').submit();
      document.getElementById('ping').click();
      const source = "fetch('" + origin + "/worker', { method: 'POST', body: 'x' }).catch(() => postMessage('over'))";
      new Worker(URL.createObjectURL(new Blob([source]))).onmessage = () => setTimeout(() => fetch('/release'), 200);
      const frame = document.createElement('iframe');
      document.body.append(frame);
      frame.contentWindow.fetch('/frame', { method: 'POST', body: 'x' }).catch(() => {});
      document.title = 'After';
    </script>
    <img src="/hold">`;

  test.each(['http://plain.test/', 'https://tls.test/'] as const)(
    'writes nothing, by whatever way, and its tries are told: %s',
    async (site) => {
      const told = await tellings(9, async () => {
        const page = await render(site, WRITES, long);
        expect([page.title, page.scriptsRan]).toEqual(['After', true]);
        expect(new Set(page.refused.map(({ reason }) => reason))).toEqual(new Set(['method']));
        // A form sent into a frame may be dropped by the browser itself, and nobody tells of it then.
        return page.refused
          .map(({ method, url }) => `${method} ${new URL(url).pathname}`)
          .filter((it) => it !== 'POST /form');
      });
      expect(reached.filter((line) => !line.startsWith('GET '))).toEqual([]);
      expect(told).toEqual([
        'DELETE /DELETE',
        'PATCH /PATCH',
        'POST /POST',
        'POST /beacon',
        'POST /frame',
        'POST /ping',
        'POST /worker',
        'POST /xhr',
        'PUT /PUT',
      ]);
    },
  );

  test('talks over no socket, of its own site or another', async () => {
    const page = await render(
      'https://tls.test/',
      `<script>
        new WebSocket('wss://tls.test/socket');
        new Worker(URL.createObjectURL(new Blob(["new WebSocket('wss://tls.test/worker-socket')"])));
      </script>`,
    );
    const plain = await render(
      'http://plain.test/',
      `<script>new WebSocket('ws://plain.test/socket')</script>`,
    );
    expect(reached.filter((line) => line.includes('socket'))).toEqual([]);
    expect(page.refused.map(({ url, reason }) => [url, reason]).sort()).toEqual([
      ['https://tls.test/socket', 'websocket'],
      ['https://tls.test/worker-socket', 'websocket'],
    ]);
    expect(plain.refused).toMatchObject([{ url: 'http://plain.test/socket', reason: 'websocket' }]);
  });

  test('reaches nobody by WebRTC, whatever the transport', async () => {
    const [host, port] = resolve['plain.test']!.split(':');
    const page = await render(
      'https://tls.test/',
      `<script>
        const servers = ['stun:${host}:${port}', 'turn:${host}:${port}?transport=tcp', 'turn:plain.test:80?transport=tcp', 'turns:tls.test:443?transport=tcp'];
        const peer = new RTCPeerConnection({ iceServers: servers.map((urls) => ({ urls, username: 'a', credential: 'b' })) });
        peer.createDataChannel('x');
        window.found = [];
        peer.onicecandidate = ({ candidate }) => candidate && found.push(candidate.candidate) && (document.title = found.join());
        peer.createOffer().then((offer) => peer.setLocalDescription(offer));
      </script>`,
      { ...quick, settleSeconds: 2 },
    );
    expect(page.title).toBe('Before');
    expect(reached).toEqual(['GET https://tls.test/']);
  });

  test('leaves no service worker behind and gets no permission', async () => {
    const page = await render(
      'https://tls.test/',
      `<script>
        const said = [];
        const tell = (what) => {
          said.push(what);
          document.title = said.sort().join(' ');
          if (said.length === 4) fetch('/release');
        };
        navigator.serviceWorker?.register('/worker.js').then((it) => tell('worker:' + (it ? 'yes' : 'no')), () => tell('worker:no')) ?? tell('worker:no');
        Notification.requestPermission().then((it) => tell('notify:' + it));
        navigator.geolocation.getCurrentPosition(() => tell('place:yes'), () => tell('place:no'));
        navigator.mediaDevices?.getUserMedia({ audio: true }).then(() => tell('sound:yes'), () => tell('sound:no')) ?? tell('sound:no');
      </script><img src="/hold">`,
      long,
    );
    expect(page.title).toBe('notify:denied place:no sound:no worker:no');
    expect(reached.filter((line) => line.includes('worker.js'))).toEqual([]);
  });

  test('opens no window, hands over no file, and is told of both', async () => {
    answers['/prize'] = (response) => {
      response.writeHead(200, { 'content-disposition': 'attachment; filename="prize.apk"' });
      response.end('x');
    };
    const told = await tellings(3, async () => {
      const page = await render(
        'https://tls.test/',
        `<script>
        open('/popup');
        alert('Вы выиграли!');
        const a = document.createElement('a');
        a.href = '/prize';
        a.click();
        setTimeout(() => fetch('/release'), 1000);
      </script><img src="/hold">`,
        long,
      );
      expect(page.title).toBe('Before');
      return page.refused.map(({ what }) => what);
    });
    expect(told).toEqual(['dialog', 'download', 'window']);
  });

  test('is followed where its document and its parts are redirected, each hop kept and judged', async () => {
    const away = (location: string) => (response: ServerResponse) => {
      response.writeHead(302, { location });
      response.end();
    };
    answers['/moved'] = away('http://plain.test/arrived');
    answers['/arrived'] = (response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<title>Arrived</title><img src="https://tls.test/inside">');
    };
    answers['/inside'] = away('http://127.0.0.1/secret');
    const page = await render('https://tls.test/', '<script>location = "/moved"</script>');
    expect([page.finalUrl, page.title]).toEqual(['http://plain.test/arrived', 'Arrived']);
    expect(page.exchanges.map(({ url, status }) => [url, status])).toEqual([
      ['https://tls.test/', 200],
      ['https://tls.test/moved', 302],
      ['http://plain.test/arrived', 200],
      ['https://tls.test/inside', 302],
    ]);
    expect(page.refused).toMatchObject([{ url: 'http://127.0.0.1/secret', reason: 'private_address' }]);
  });

  test('is shown though it takes every processor, and takes none once it was', async () => {
    const spin = "new Worker(URL.createObjectURL(new Blob(['for(;;);'])));";
    const page = await render(
      'https://tls.test/',
      `<script>document.title = navigator.hardwareConcurrency; for (let n = 0; n < 4; n += 1) ${spin}</script>`,
    );
    expect(page.title).toBe('1');
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    expect(processInfo.filter(({ type }) => type === 'renderer')).toEqual([]);
  });

  test('is refused where its certificate is nobody’s, though the browser would take any', async () => {
    body = 'x';
    const asked = renderPage(browser, new URL('https://tls.test/'), 'asked', {
      reach: { resolve, proxy: null, lookup: async () => ['127.0.0.1'] },
      userAgent: 'Kuzet/0.1.0',
      limits: quick,
    });
    await expect(asked).rejects.toMatchObject({
      facts: { reason: 'tls', detail: expect.stringContaining('signed by itself') },
    });
    expect(reached).toEqual([]);
  });
});
