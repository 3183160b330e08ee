/** Who works here: accounts, and the form that invites one more. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Tenant } from '../../domain/market-service.ts';
import { type Account, ROLES } from '../../store/accounts.ts';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { copyable, type Html, notice, type Screen, trouble, when } from './layout.ts';
import type { Words } from './words.ts';

/** @param invitation to show once, right after it was made. */
export async function peopleScreen(
  c: Context<DeskEnv>,
  {
    invitation = null,
    error = null,
  }: {
    readonly invitation?: { readonly account: Account; readonly link: string } | null;
    readonly error?: string | null;
  } = {},
): Promise<Screen> {
  const words = c.get('words');
  const { stores } = c.get('tools');
  const accounts = await stores.accounts.list();
  const markets: Markets = { of: await stores.tenants.logins(), all: await stores.tenants.list() };
  const canChange = isAllowed(roleOf(c.get('who')), 'people.change');
  const content = html`${error === null ? notice(c) : trouble(words, error)}
<div class="heading"><h1>${words.say('people.title')}</h1></div>
${
  invitation === null
    ? ''
    : html`<section class="notice done invitation" role="status"><h2>${words.say('people.invitation', { name: invitation.account.name })}</h2><p>${words.say('people.invitation_help')}</p>${copyable(words, invitation.link)}</section>`
}
<div class="table" tabindex="0" role="region" aria-label="${words.say('people.title')}"><table>
<thead><tr><th scope="col">${words.say('people.login')}</th><th scope="col">${words.say('people.name')}</th><th scope="col">${words.say('people.role')}</th><th scope="col">${words.say('people.status')}</th><th scope="col">${words.say('people.since')}</th>${canChange ? html`<th scope="col">${words.say('people.acts')}</th>` : ''}</tr></thead>
<tbody>${accounts.map(
    (account) =>
      html`<tr><th scope="row"><bdi>${account.login}</bdi></th><td><bdi>${account.name}</bdi></td><td>${words.say(`role.${account.role}`)}${account.role === 'partner' && markets.of.has(account.login) ? html` · <bdi>${markets.of.get(account.login)}</bdi>` : ''}</td><td>${words.say(`people.status.${account.status}`)}</td><td>${when(words, account.createdAt)}</td>${
        canChange
          ? html`<td>${buttons(words, account)}${account.role === 'partner' && account.status !== 'disabled' ? marketForm(words, account, markets) : ''}</td>`
          : ''
      }</tr>`,
  )}</tbody></table></div>
${canChange ? invitationForm(words) : ''}`;
  return { title: words.say('people.title'), section: 'people', content };
}

function buttons(words: Words, account: Account): Html {
  const button = (act: string, text: string) =>
    html`<button class="quiet" name="act" value="${act}">${text}</button>`;
  return html`<form method="post" action="/people/change" class="row-acts"><input type="hidden" name="login" value="${account.login}">${
    account.status === 'disabled'
      ? button('enable', words.say('people.enable'))
      : html`<label class="unseen" for="role-${account.login}">${words.say('people.role')}</label><select id="role-${account.login}" name="role">${ROLES.map(
          (role) =>
            html`<option value="${role}"${role === account.role ? html` selected` : ''}>${words.say(`role.${role}`)}</option>`,
        )}</select>${button('role', words.say('people.set_role'))} ${button('invite', words.say('people.invite_again'))} ${button('disable', words.say('people.disable'))}`
  }</form>`;
}

interface Markets {
  /** Login to marketplace. */
  readonly of: ReadonlyMap<string, string>;
  readonly all: readonly Tenant[];
}

/** A partner is of one marketplace, and sees nothing until it is said of which. */
function marketForm(words: Words, { login }: Account, { of, all }: Markets): Html {
  const own = of.get(login) ?? '';
  const option = (id: string, name: string) =>
    html`<option value="${id}"${id === own ? html` selected` : ''}>${name}</option>`;
  return html`<form method="post" action="/people/change" class="row-acts"><input type="hidden" name="login" value="${login}"><label class="unseen" for="market-${login}">${words.say('people.marketplace')}</label><select id="market-${login}" name="marketplace">${option('', words.say('people.no_marketplace'))}${all
    .filter(({ revokedAt }) => revokedAt === null)
    .map(({ id, name }) =>
      option(id, name),
    )}</select><button class="quiet" name="act" value="marketplace">${words.say('people.set_marketplace')}</button></form>`;
}

function invitationForm(words: Words): Html {
  return html`<section class="verdict narrow" aria-labelledby="invite"><h2 id="invite">${words.say('people.add')}</h2><p class="aside">${words.say('people.add_help')}</p>
<form method="post" action="/people">
<label>${words.say('people.login')} <input name="login" required maxlength="64" autocomplete="off" spellcheck="false" autocapitalize="none"></label>
<label>${words.say('people.name')} <input name="name" required maxlength="100" autocomplete="off"></label>
<label>${words.say('people.role')} <select name="role">${ROLES.map(
    (role) =>
      html`<option value="${role}"${role === 'officer' ? html` selected` : ''}>${words.say(`role.${role}`)}</option>`,
  )}</select></label>
<button class="main">${words.say('people.invite')}</button>
</form></section>`;
}
