/** How the market's lists are narrowed: fields that stand in the address of their screen, the marketplace first. */
import type { ComponentChildren } from 'preact';
import type { ListMarketplaces } from '../../api/deliveries.ts';
import { type Answer, addressOf, ask } from '../api.ts';
import { type Asked, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { go } from '../router.ts';
import { say } from '../words.ts';
import { isPartner } from './bits.tsx';

export function useMarketplaces(): Asked<Answer<typeof ListMarketplaces>> {
  return useAsked('marketplaces', () => ask<typeof ListMarketplaces>('get', '/api/marketplaces', {}));
}

/** The marketplace, and fields of the screen's own; '' leaves a field out. */
export function Narrow({
  path,
  query,
  children,
}: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly children: ComponentChildren;
}) {
  return (
    <form
      class="period"
      onSubmit={(event) => {
        event.preventDefault();
        go(addressOf(path, {}, Object.fromEntries(new FormData(event.currentTarget))));
      }}
    >
      <MarketplaceChoice value={query.get('marketplace') ?? ''} />
      {children}
      <Button type="submit">{say('cases.show')}</Button>
    </form>
  );
}

/** Whose rings, alerts or words; a partner has no choice. */
export function MarketplaceChoice({ value }: { readonly value: string }) {
  const asked = useMarketplaces();
  if (isPartner()) return null;
  const all = asked.is === 'here' ? asked.value.marketplaces : [];
  return (
    <Choice
      name="marketplace"
      title={say('rings.marketplace')}
      any={say('rings.any')}
      value={value}
      all={all.map(({ id, name }) => [id, name])}
    />
  );
}

/** One of several, or any. */
export function Choice({
  name,
  title,
  any,
  value,
  all,
}: {
  readonly name: string;
  readonly title: string;
  readonly any: string;
  readonly value: string;
  /** What stands in the address, and how it is called. */
  readonly all: readonly (readonly [string, string])[];
}) {
  return (
    <label>
      {title}
      <select name={name} value={value}>
        <option value="">{any}</option>
        {all.map(([id, called]) => (
          <option key={id} value={id}>
            {called}
          </option>
        ))}
      </select>
    </label>
  );
}
