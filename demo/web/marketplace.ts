/**
 * The demo marketplace: `marketplace.json` drawn as pages, ten listings to a catalogue page.
 *
 * Pure; what does not depend on listings (rules, styles, pictures, robots.txt) are files in its folder.
 */

export interface Marketplace {
  readonly host: string;
  /** Ids of listings that are not what they seem, by kind; no page shows it. */
  readonly truth: MarketplaceTruth;
  readonly listings: readonly DemoListing[];
}

export interface MarketplaceTruth {
  /** One ad from as many accounts. */
  readonly sameAd: readonly string[];
  /** One flat, its text edited, once in Kazakh. */
  readonly editedCopies: readonly string[];
  /** Under a fifth of what others ask for the same car. */
  readonly tooCheap: readonly string[];
  readonly foreignNumber: readonly string[];
  /** The same seller put his own ad up again: a copy and no fraud. */
  readonly honestRepost: readonly string[];
}

export interface DemoListing {
  readonly id: string;
  readonly category: string;
  readonly city: string;
  /** Whole tenge; 0 for a gift. */
  readonly price: number;
  readonly title: string;
  readonly text: string;
  readonly seller: { readonly id: string; readonly name: string };
  /** `+` and digits. */
  readonly phone: string;
  /** `2026-11-14`. */
  readonly postedAt: string;
}

const PER_PAGE = 10;

const CATEGORIES: Readonly<Record<string, string>> = {
  phones: 'Телефоны и планшеты',
  electronics: 'Техника для дома',
  cars: 'Машины и запчасти',
  flats: 'Жильё и гаражи',
  furniture: 'Мебель',
  kids: 'Для детей',
  animals: 'Животные',
  tools: 'Инструмент и сад',
  clothes: 'Одежда',
};

/** Path -> HTML. The catalogue is `/index.html`, `/page/2.html` …; a listing is `/ad/ID.html`. */
export function marketplacePages({ host, listings }: Marketplace): ReadonlyMap<string, string> {
  const last = Math.ceil(listings.length / PER_PAGE);
  const catalogue = Array.from({ length: last }, (_, at) => {
    const shown = listings.slice(at * PER_PAGE, (at + 1) * PER_PAGE);
    return [pathOf(at + 1), cataloguePage(shown, at + 1, last)] as const;
  });
  const ads = listings.map((it) => [`/ad/${it.id}.html`, listingPage(it, host)] as const);
  return new Map([...catalogue, ...ads]);
}

function pathOf(page: number): string {
  return page === 1 ? '/index.html' : `/page/${page}.html`;
}

function cataloguePage(listings: readonly DemoListing[], page: number, last: number): string {
  const cards = listings.map(
    (it) => `<li class="card">
  <a href="/ad/${it.id}.html"><img src="/img/${it.category}.svg" alt="" width="96" height="96"></a>
  <div><a href="/ad/${it.id}.html">${inHtml(it.title)}</a>
  <p class="price">${priceText(it.price)}</p>
  <p class="where">${inHtml(it.city)} · ${dateText(it.postedAt)}</p></div>
</li>`,
  );
  const pages = Array.from({ length: last }, (_, at) =>
    at + 1 === page ? `<b>${page}</b>` : `<a href="${pathOf(at + 1)}">${at + 1}</a>`,
  );
  const body = `<h1>Все объявления${page === 1 ? '' : `, страница ${page}`}</h1>
<ul class="cards">
${cards.join('\n')}
</ul>
<nav class="pages" aria-label="Страницы">${pages.join(' ')}</nav>`;
  const title =
    page === 1 ? 'Базарлық: объявления по всему Казахстану' : `Базарлық: объявления, страница ${page}`;
  return frame(title, 'Частные объявления: техника, машины, жильё, мебель. Подача бесплатна.', body, '');
}

function listingPage(it: DemoListing, host: string): string {
  const category = CATEGORIES[it.category] ?? it.category;
  const address = `http://${host}/ad/${it.id}.html`;
  const picture = `http://${host}/img/${it.category}.svg`;
  const structured = {
    '@context': 'https://schema.org',
    '@type': 'Product',
    '@id': address,
    sku: it.id,
    name: it.title,
    description: it.text,
    category,
    image: [picture],
    offers: {
      '@type': 'Offer',
      url: address,
      price: it.price,
      priceCurrency: 'KZT',
      itemCondition: 'https://schema.org/UsedCondition',
      availability: 'https://schema.org/InStock',
      validFrom: it.postedAt,
      areaServed: it.city,
      seller: { '@type': 'Person', identifier: it.seller.id, name: it.seller.name, telephone: it.phone },
    },
  };
  const head = `<meta property="og:type" content="product">
<meta property="og:title" content="${inHtml(it.title)}">
<meta property="og:url" content="${address}">
<meta property="og:image" content="${picture}">
<meta property="product:price:amount" content="${it.price}">
<meta property="product:price:currency" content="KZT">
<script type="application/ld+json">${JSON.stringify(structured).replaceAll('<', '\\u003c')}</script>`;
  const body = `<p class="crumbs"><a href="/">Все объявления</a> › ${inHtml(category)} › ${inHtml(it.city)}</p>
<article>
<h1>${inHtml(it.title)}</h1>
<img class="photo" src="/img/${it.category}.svg" alt="${inHtml(it.title)}" width="320" height="320">
<p class="price">${priceText(it.price)}</p>
<p class="text">${inHtml(it.text)}</p>
<dl>
<dt>Продавец</dt><dd data-seller="${it.seller.id}">${inHtml(it.seller.name)}</dd>
<dt>Телефон</dt><dd><a href="tel:${it.phone}">${phoneText(it.phone)}</a></dd>
<dt>Город</dt><dd>${inHtml(it.city)}</dd>
<dt>Размещено</dt><dd><time datetime="${it.postedAt}">${dateText(it.postedAt)}</time></dd>
<dt>Номер</dt><dd>${it.id}</dd>
</dl>
<p class="tip">Не переводите деньги, пока не увидели вещь. <a href="/safety.html">Как покупать безопасно</a></p>
</article>`;
  return frame(`${it.title}, ${it.city}: Базарлық`, it.text, body, head);
}

function frame(title: string, description: string, body: string, head: string): string {
  return `<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)}</title>
<meta name="description" content="${inHtml(description)}">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${head}
</head>
<body>
<header><a class="logo" href="/">Базарлық</a> <a href="/rules.html">Правила</a> <a href="/safety.html">Безопасность</a></header>
<main>
${body}
</main>
<footer>ТОО «Базарлық Онлайн», БИН 000000000036, г. Алматы, ул. Жибек Тал, 8. Площадка не продаёт товары и не принимает за них деньги.</footer>
</body>
</html>
`;
}

function priceText(price: number): string {
  return price === 0 ? 'Бесплатно' : `${price.toLocaleString('ru-RU').replace(/\s/g, ' ')} ₸`;
}

/** `+77000000412` as `+7 700 000 04 12`; foreign numbers stay as they are. */
function phoneText(phone: string): string {
  return phone.replace(/^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/, '+7 $1 $2 $3 $4');
}

function dateText(day: string): string {
  const [year, month, date] = day.split('-');
  return `${date}.${month}.${year}`;
}

function inHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
