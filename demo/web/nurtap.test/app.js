const app = document.getElementById('app');
const add = (tag, words, into = app, more = {}) => {
  const it = Object.assign(document.createElement(tag), { textContent: words }, more);
  into.append(it);
  return it;
};

const levels = [
  ['1 уровень', '5 000 ₸', '900 ₸ в день'],
  ['2 уровень', '30 000 ₸', '6 000 ₸ в день'],
  ['3 уровень', '100 000 ₸', '22 000 ₸ в день'],
  ['VIP уровень', '500 000 ₸', '120 000 ₸ в день'],
];

function home() {
  document.title = 'NurTap: ставь лайки и получай от 6 000 тенге в день';
  add('h1', 'Ставь лайки, тапай монету, получай деньги каждый день');
  add('img', '', app, { src: '/coin.svg', className: 'coin', alt: 'Монета NurCoin' });
  add('p', 'Купи уровень один раз и получай гарантированный ежедневный доход за 5 заданий. Вложения окупаются за 5 дней, дальше чистая прибыль 20 % в день.');
  for (const [name, price, income] of levels) {
    const row = add('div', '', app, { className: 'lvl' });
    add('span', name, row);
    add('span', `вход ${price}`, row);
    add('b', income, row);
  }
  add('h2', 'Команда платит ещё больше');
  add('p', 'Пригласи друзей по своей реферальной ссылке: 12 % от покупки уровня с первой линии, 5 % со второй, 3 % с третьей. Собери 20 человек в команду и получай зарплату лидера 150 000 ₸ в месяц.');
  add('p', 'Токен NurCoin скоро выйдет на биржу и вырастет в 50 раз. Успей войти до листинга, осталось 2 дня.');
  const form = add('form', '', app, { method: 'post', action: '/' });
  add('input', '', form, { name: 'phone', type: 'tel', placeholder: 'WhatsApp' });
  add('input', '', form, { name: 'ref', value: 'NT-5521', type: 'hidden' });
  add('button', 'Купить уровень и начать', form);
  add('p', 'Пополнение переводом на карту куратора или USDT TRC20: T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb');
  add('a', 'Правила вывода', app, { href: '/rules.html' });
}

function rules() {
  document.title = 'NurTap: правила вывода';
  add('h1', 'Как вывести заработок');
  add('p', 'Вывод доступен по средам. Чтобы вывести больше 50 000 тенге, нужно повысить уровень или пригласить трёх новых участников, которые купили уровень.');
  add('p', 'При выводе раньше 30 дней удерживается 40 %. Аккаунт без приглашённых замораживается через 10 дней.');
  add('a', 'На главную', app, { href: '/' });
}

(location.pathname === '/rules.html' ? rules : home)();
