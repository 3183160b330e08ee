/** Family `shop`: prices too low, sellers without a name. */
import { excerptAround } from '../../domain/text.ts';
import { part, type SignalKind } from './facts.ts';

const toward = { fake_shop: 1 };

const discounts: SignalKind = {
  id: 'shop.deep_discount',
  family: 'shop',
  criterion: 'KZ-MVD-1',
  weight: 1.0,
  toward,
  see({ folded, visible, found }) {
    if (!folded.includes('%')) return null;
    const deep = [
      ...folded.matchAll(
        /(?:скидк[а-я]{0,3}|жеңілдік[а-яі]{0,4}|sale|off|save|−|-|–) ?(?:до )?(\d{2}) ?%|(\d{2}) ?% ?(?:скидк|жеңілдік|off|sale)/g,
      ),
    ].filter((match) => Number(match[1] ?? match[2]) >= 60 && Number(match[1] ?? match[2]) <= 95);
    const first = deep[0];
    if (first === undefined || found.reportShare > 0.015) return null;
    return part(
      0.4 + 0.15 * (deep.length - 1),
      excerptAround(visible, first.index, first.index + first[0].length, 100),
    );
  },
};

const CART = /корзин|в корзину|добавить в|себет|add to cart|checkout|купить|сатып алу|buy now|заказать/;
const SELLER =
  /\b(?:бин|иин|бсн|жсн|инн|огрн|огрнип|тоо|жшс|ооо|llp|ltd|gmbh|inc)\b|самовывоз|при получении|алған кезде/;

const noSeller: SignalKind = {
  id: 'shop.no_seller',
  family: 'shop',
  criterion: 'KZ-ARRFR-5',
  weight: 0.6,
  toward,
  see({ folded, page }) {
    const cart = CART.exec(folded);
    if (cart === null || SELLER.test(folded)) return null;
    const prices = folded.match(/\d[\d ]{2,9} ?(?:₸|тг|тенге|теңге|₽|руб|\$|€)/g)?.length ?? 0;
    if (prices < 3) return null;
    return part(
      page.contacts.phones.length === 0 ? 0.8 : 0.5,
      `${prices} prices, "${cart[0]}", and no seller named`,
    );
  },
};

export const shopSignals: readonly SignalKind[] = [discounts, noSeller];
