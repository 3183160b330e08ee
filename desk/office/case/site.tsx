/** Who keeps the site and where it stands: registries, certificates, name servers, the network of its address. */
import type { ComponentChildren } from 'preact';
import type { ReadSite } from '../../api/captures.ts';
import { defang, plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { Copyable, Time } from '../parts/text.tsx';
import { say, type Word } from '../words.ts';
import { Fold } from './fold.tsx';

type Site = NonNullable<Answer<typeof ReadSite>['site']>;

export function SiteFacts({ captureId }: { readonly captureId: string }) {
  return (
    <Fold
      name="site"
      word="site.title"
      open="site.open"
      keys="y"
      asks={`site/${captureId}`}
      load={() => ask<typeof ReadSite>('get', '/api/captures/{id}/site', { params: { id: captureId } })}
    >
      {({ site }) => (site === null ? <p class="aside">{say('site.none')}</p> : <Told site={site} />)}
    </Fold>
  );
}

function Told({ site }: { readonly site: Site }) {
  return (
    <div class="site-facts">
      <Registration site={site} />
      <Network site={site} />
      <Certificates site={site} />
      <Dns site={site} />
    </div>
  );
}

/** A fact with its name; nothing where it is not known. */
function Fact({ word, children }: { readonly word: Word; readonly children: ComponentChildren }) {
  if (children === null || children === '') return null;
  return (
    <>
      <dt>{say(word)}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A moment as a registry writes it, or its own words where they are no moment. */
function Moment({ at }: { readonly at: string }) {
  return Number.isNaN(Date.parse(at)) ? plain(at) : <Time at={at} />;
}

function Registration({ site: { domain } }: { readonly site: Site }) {
  return (
    <section aria-labelledby="registration">
      <h3 id="registration">{say('site.registration')}</h3>
      {domain === null ? (
        <p class="aside">{say('site.not_asked')}</p>
      ) : (
        <dl class="facts">
          <Fact word="site.domain">{defang(`http://${domain.name}`).slice('hxxp://'.length)}</Fact>
          <Fact word="site.registrar">
            {domain.registrar === null
              ? null
              : `${plain(domain.registrar)}${domain.ianaId === null ? '' : ` (IANA ${plain(domain.ianaId)})`}`}
          </Fact>
          <Fact word="site.created">
            {domain.createdAt === null ? null : <Moment at={domain.createdAt} />}
          </Fact>
          <Fact word="site.expires">
            {domain.expiresAt === null ? null : <Moment at={domain.expiresAt} />}
          </Fact>
          <Fact word="site.status">{domain.status.map(plain).join(', ')}</Fact>
          <Fact word="site.name_servers">{domain.nameServers.map(inert).join(', ')}</Fact>
          <Fact word="site.abuse">
            {domain.abuseEmail === null ? null : <Copyable>{plain(domain.abuseEmail)}</Copyable>}
          </Fact>
          <Fact word="site.error">{domain.error === null ? null : plain(domain.error)}</Fact>
        </dl>
      )}
    </section>
  );
}

function Network({ site: { peer, network, addressBlock } }: { readonly site: Site }) {
  return (
    <section aria-labelledby="network">
      <h3 id="network">{say('site.network')}</h3>
      <dl class="facts">
        <Fact word="site.address">
          {peer === null ? say('fact.unknown') : <Copyable>{plain(peer.address)}</Copyable>}
        </Fact>
        <Fact word="site.asn">
          {network === null ? null : `AS${network.asn} ${plain(network.name)} ${network.country ?? ''}`}
        </Fact>
        {addressBlock === null ? null : (
          <>
            <Fact word="site.range">{addressBlock.range === null ? null : plain(addressBlock.range)}</Fact>
            <Fact word="site.holder">
              {[addressBlock.name, addressBlock.handle, addressBlock.country]
                .flatMap((it) => (it === null ? [] : [plain(it)]))
                .join(' · ')}
            </Fact>
            <Fact word="site.abuse">
              {addressBlock.abuseEmail === null ? null : (
                <Copyable>{plain(addressBlock.abuseEmail)}</Copyable>
              )}
            </Fact>
            <Fact word="site.error">{addressBlock.error === null ? null : plain(addressBlock.error)}</Fact>
          </>
        )}
      </dl>
    </section>
  );
}

function Certificates({ site: { tls } }: { readonly site: Site }) {
  return (
    <section aria-labelledby="certificates">
      <h3 id="certificates">{say('site.certificates')}</h3>
      {tls === null ? (
        <p class="aside">{say('site.no_tls')}</p>
      ) : (
        <>
          <p class="note">
            {plain(tls.protocol)} · {plain(tls.cipher)}
          </p>
          <ol class="chain">
            {tls.chain.map((it) => (
              <li key={it.sha256}>
                <bdi class="code">{plain(it.subject)}</bdi>
                <p class="note">
                  {say('site.issuer')}: <bdi>{plain(it.issuer)}</bdi> · <Moment at={it.notBefore} /> —{' '}
                  <Moment at={it.notAfter} />
                </p>
                {it.san.length === 0 ? null : (
                  <p class="note">
                    {say('site.names')}: <bdi class="code">{it.san.map(inert).join(', ')}</bdi>
                  </p>
                )}
                <p class="note">
                  SHA-256 <Copyable>{it.sha256}</Copyable>
                </p>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Dns({ site: { dns } }: { readonly site: Site }) {
  return (
    <section aria-labelledby="dns">
      <h3 id="dns">{say('site.dns')}</h3>
      {dns.why !== null ? (
        <p class="aside">{plain(dns.why)}</p>
      ) : (
        <dl class="facts">
          {dns.answers.map(({ name, type, data, error }) => (
            <Answered key={`${name} ${type}`} name={`${inert(name)} ${type}`}>
              {error !== null ? plain(error) : data.length === 0 ? '—' : data.map(inert).join(', ')}
            </Answered>
          ))}
        </dl>
      )}
    </section>
  );
}

function Answered({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <>
      <dt class="code">{name}</dt>
      <dd class="code">{children}</dd>
    </>
  );
}

/** A name that no paste opens. */
function inert(name: string): string {
  return plain(name).replaceAll('.', '[.]');
}
