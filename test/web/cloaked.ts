/**
 * Sites on loopback that answer one visitor otherwise than another: those that cloak, each by another mark, and honest
 * ones. The offer is a pyramid's; the white page is about baking.
 *
 *     agent.test     by the user agent          referrer.test  by where the visitor comes from
 *     back.test      to who comes back with its cookie         first.test  from the second visit on
 *     language.test  by the first language      away.test      by a redirect of telephones to offer.test
 *     narrow.test    by a script that asks for the width       blocks.test  nobody but Kuzet: 403
 *     turns-away.test  404 for Kuzet, hangs-up.test no answer at all; the offer, the latter to telephones, for others
 *     gate-403.test, gate-200.test  a gatekeeper's check of browsers
 *     shop.test      honest: its language and its layout follow the visitor
 *     tested.test    honest: every second visit is shown another heading
 */
import { createServer, type IncomingMessage } from 'node:http';
import { listen } from './faults.ts';

export const WHITE =
  '<html lang="ru"><title>Вкусно дома</title><h1>Баурсаки моей бабушки</h1><p>Мука, молоко, дрожжи и немного терпения: тесто должно подойти дважды, накройте его полотенцем. Масло разогревают в казане, пока не пойдёт лёгкий дымок.</p><p>Подавайте с чаем, сметаной и вареньем из смородины. Суп из чечевицы готовится за сорок минут, морковь натрите на крупной тёрке и обжарьте с луком.</p><a href="/soup">Суп</a> <a href="/bread">Хлеб</a>';
export const OFFER =
  '<html lang="ru"><title>Ваш доход 40% в месяц</title><div class="lp"><h1>Гарантированный доход 40% в месяц без риска</h1><p>Инвестируйте в наш проект от 50 000 тенге, выплаты каждый день. Пригласите друзей и получайте бонус 10% от вклада каждого партнёра первой линии и 5% со второй линии. Матричный план, пассивный доход. Успей войти в первую линию!</p></div>';
const NARROW = `<meta name="viewport" content="width=device-width">${WHITE}<script>if (innerWidth < 600) { document.documentElement.innerHTML = atob('${Buffer.from(OFFER).toString('base64')}').replace(/.*/s, (it) => new TextDecoder().decode(Uint8Array.from(it, (c) => c.charCodeAt(0)))); }</script>`;

/** A check of browsers, of nobody in particular: its script would ask for the page once it has run. */
const GATE =
  '<title>One moment</title><h1>Checking your browser before you go on</h1><a href="/inside">Skip</a><script>setTimeout(() => { document.cookie = "passed=1"; location.reload(); }, 100)</script>';

const GOODS = [
  [
    'Чайник электрический стальной, полтора литра',
    'Болаттан жасалған электр шәйнегі, бір жарым литр',
    '12 990',
  ],
  ['Сковорода с крышкой и съёмной ручкой', 'Қақпағы мен алынбалы сабы бар таба', '8 450'],
  ['Набор полотенец из хлопка, шесть предметов', 'Мақтадан жасалған сүлгілер, алты дана', '6 700'],
  ['Лампа настольная с тремя уровнями яркости', 'Жарықтығы үш деңгейлі үстел шамы', '15 300'],
] as const;

function shop(isKazakh: boolean, isNarrow: boolean): string {
  const items = GOODS.map(([ru, kk, price], at) => {
    const words = `<a href="${isKazakh ? '/kk' : ''}/item/${at}">${isKazakh ? kk : ru}</a> <b>${price} ₸</b>`;
    return isNarrow ? `<div class="cell">${words}</div>` : `<article><h3>${words}</h3></article>`;
  });
  const body = isNarrow
    ? `<div id="m">${items.join('')}</div>`
    : `<main><section>${items.join('')}</section></main>`;
  return `<html lang="${isKazakh ? 'kk' : 'ru'}"><title>Арман — ${isKazakh ? 'басты бет' : 'главная'}</title>${body}`;
}

export interface CloakedWeb {
  readonly resolve: Readonly<Record<string, string>>;
  /** `agent.test Kuzet`, for every page asked for, in order: the host, and who asked. */
  readonly asked: string[];
  close(): void;
}

export async function startCloakedWeb(): Promise<CloakedWeb> {
  const asked: string[] = [];
  const times = new Map<string, number>();
  const server = createServer((request, response) => {
    const host = request.headers.host ?? '';
    const agent = request.headers['user-agent'] ?? '';
    if (request.url === '/robots.txt') {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end(host === 'forbids.test' ? 'User-agent: *\nDisallow: /*utm_source' : '');
      return;
    }
    const isKuzet = agent.includes('Kuzet');
    const isPhone = agent.includes('Mobile');
    asked.push(`${host} ${isKuzet ? 'Kuzet' : isPhone ? 'phone' : 'desktop'}`);
    const nth = (times.get(host) ?? 0) + 1;
    times.set(host, nth);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const page = (isOffered: boolean) => response.end(isOffered ? OFFER : WHITE);
    switch (host) {
      case 'agent.test':
      case 'forbids.test':
        return page(!isKuzet);
      case 'referrer.test':
        return page(request.headers.referer !== undefined);
      case 'back.test':
        response.setHeader('set-cookie', 'seen=1; Path=/');
        return page(hasCookie(request));
      case 'first.test':
        return page(nth > 1);
      case 'language.test':
        return page((request.headers['accept-language'] ?? '').startsWith('kk'));
      case 'away.test':
        if (!isPhone) return page(false);
        response.writeHead(302, { location: 'http://offer.test/go' });
        return response.end();
      case 'narrow.test':
        return response.end(NARROW);
      case 'gate-403.test':
      case 'gate-200.test':
        response.statusCode = host === 'gate-403.test' ? 403 : 200;
        return response.end(GATE);
      case 'turns-away.test':
        response.statusCode = isKuzet ? 404 : 200;
        return isKuzet ? response.end('<h1>404</h1>') : page(true);
      case 'hangs-up.test':
        return isKuzet ? response.socket?.destroy() : page(isPhone);
      case 'blocks.test':
        response.statusCode = isKuzet ? 200 : 403;
        return page(false);
      case 'shop.test':
        return response.end(shop((request.headers['accept-language'] ?? '').startsWith('kk'), isPhone));
      case 'tested.test':
        return response.end(
          shop(false, false).replace(
            '<main>',
            nth % 2 ? '<main><h1>Новинки недели уже здесь</h1>' : '<main>',
          ),
        );
      default:
        return page(true);
    }
  });
  const at = `127.0.0.1:${await listen(server)}`;
  return {
    resolve: { '*.test': at },
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function hasCookie({ headers }: IncomingMessage): boolean {
  return headers.cookie?.includes('seen=1') === true;
}
