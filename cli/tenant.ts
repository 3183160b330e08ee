/** `kuzet tenant`: marketplaces that use the service, and their keys. */
import { withHouse } from './around.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { type Operations, only } from './house.ts';
import { safe } from './words.ts';

export const tenantCommand: Command = {
  name: 'tenant',
  usage:
    'add ID [--name T] [--site H] [--dry-run] | list | key ID | alerts ID on|off | sites ID [--site H | --no-site] | revoke ID',
  summary: 'Let marketplaces in; give out their keys.',
  about: [
    'A marketplace asks at /v1 of the desk with its key (see docs/guides/marketplace.md). A key is shown once and cannot be had again; "key" gives out one more, so that keys can be changed without a gap.',
    'With --dry-run everything is found out and nobody is alerted; "alerts ID on" ends that. "revoke" ends all keys at once; listings and rings stay.',
    "What a visit sees at a site of a marketplace is taken for that marketplace's listing, so that none stands under two names; what the marketplace itself says of a listing goes before what its site shows.",
  ],
  options: [
    { name: 'name', value: 'TEXT', about: 'How people call it (default: its id).' },
    {
      name: 'site',
      value: 'HOST',
      about:
        'A site that shows its listings; may be given again. With "sites", all that are its own from now on.',
      many: true,
    },
    { name: 'no-site', value: null, about: 'With "sites": none is its own from now on.' },
    { name: 'dry-run', value: null, about: 'Alert nobody yet.' },
  ],
  examples: [
    ['kuzet tenant add bazar --name "Bazar.example" --dry-run', 'let a marketplace in, for a trial'],
    ['kuzet tenant alerts bazar on', 'begin to alert it'],
    ['kuzet tenant sites bazar --site bazar.example', 'say which sites show its listings'],
  ],
  async run(words, around) {
    const [verb, id, more, ...rest] = words.positionals;
    if (rest.length > 0) throw wrong();
    if (verb === 'list' && id === undefined) return list(around);
    if (id === undefined) throw wrong();
    if (verb === 'alerts' && (more === 'on' || more === 'off')) return alerts(id, more === 'off', around);
    if (more !== undefined) throw wrong();
    if (verb === 'add') return add(id, words, around);
    if (verb === 'key') return key(id, around);
    if (verb === 'sites') return sites(id, words, around);
    if (verb === 'revoke') return revoke(id, around);
    throw wrong();
  },
};

function wrong(): UsageError {
  return new UsageError(
    'tenant',
    'Say what to do: "kuzet tenant add ID", "list", "key ID", "alerts ID on|off", "sites ID" or "revoke ID".',
  );
}

function add(id: string, words: Words, around: Around): Promise<number> {
  const order = {
    id,
    name: words.text('name') ?? id,
    isDry: words.isOn('dry-run'),
    sites: words.texts('site'),
  };
  return told(around, 'tenantAdd', order, ({ tenant, key: made }) => [
    `${tenant.id} may ask now${tenant.isDry ? '; nobody is alerted yet' : ''}.`,
    `Its key, shown this once: ${made}`,
  ]);
}

function key(id: string, around: Around): Promise<number> {
  return told(around, 'tenantKey', { id }, (it) => [`One more key of ${id}, shown this once: ${it.key}`]);
}

function alerts(id: string, isDry: boolean, around: Around): Promise<number> {
  return told(around, 'tenantSwitch', { id, isDry }, () => [
    isDry ? `${id} is not alerted any more.` : `${id} is alerted from now on.`,
  ]);
}

function sites(id: string, words: Words, around: Around): Promise<number> {
  const named = words.texts('site');
  const hasNone = words.isOn('no-site');
  if (named.length > 0 === hasNone) {
    throw new UsageError('tenant', `Name all sites of ${id} with --site HOST, or say --no-site.`);
  }
  return told(around, 'tenantSites', { id, sites: named }, (it) => [
    it.sites.length === 0
      ? `${id} has no site of its own now.`
      : `Sites of ${id} now: ${it.sites.join(', ')}.`,
  ]);
}

function revoke(id: string, around: Around): Promise<number> {
  return told(around, 'tenantRevoke', { id }, () => [`The keys of ${id} work no more.`]);
}

async function list(around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const it of house.ask('tenants', {})) {
      count += 1;
      const state = it.revokedAt !== null ? 'revoked' : it.isDry ? 'dry run' : 'alerted';
      const line = `${it.id.padEnd(20)}  ${state.padEnd(8)}  ${safe(it.name)}`;
      io.out(io.json ? JSON.stringify(it) : [line, ...it.sites].join('  '));
    }
    if (count === 0 && !io.json) io.out('No marketplace may ask. Let one in with "kuzet tenant add ID".');
    return 0;
  });
}

async function told<Name extends 'tenantAdd' | 'tenantKey' | 'tenantSwitch' | 'tenantSites' | 'tenantRevoke'>(
  around: Around,
  name: Name,
  order: Operations[Name]['input'],
  sentences: (event: Operations[Name]['event']) => readonly string[],
): Promise<number> {
  const { io } = around;
  const event = await withHouse(around, async (house) => only(house.ask(name, order)));
  if (io.json) io.out(JSON.stringify(event));
  else for (const sentence of sentences(event)) io.out(sentence);
  return 0;
}
