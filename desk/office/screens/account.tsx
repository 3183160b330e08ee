/** One's own account: the keys that open it without a password. */
import { browserSupportsWebAuthn, startRegistration } from '@simplewebauthn/browser';
import type { AddPasskey, BeginPasskey, ListPasskeys, RemovePasskey } from '../../api/passkeys.ts';
import { type Asked as AskedOf, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { troubleWords, When } from '../parts/states.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { me } from '../told.ts';
import { say, type Word } from '../words.ts';

const KEY = 'passkeys';
const load = () => ask<typeof ListPasskeys>('get', '/api/passkeys', {});

export default function Account() {
  const asked = useAsked(KEY, load);
  const remove = async (id: string) => {
    try {
      await ask<typeof RemovePasskey>('delete', '/api/passkeys/{id}', { params: { id } });
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew(KEY);
  };
  return (
    <>
      <Title text={say('account.title')}>
        <p class="aside">
          <bdi>{me().name}</bdi> · <bdi class="code">{me().login}</bdi> · {say(`role.${me().role}` as Word)}
        </p>
      </Title>
      <section class="verdict" aria-labelledby="passkeys">
        <h2 id="passkeys">{say('account.passkeys')}</h2>
        <p class="aside">{say('account.passkeys_help')}</p>
        <When asked={asked} again={() => void preload(KEY, load)}>
          {({ passkeys }) =>
            passkeys.length === 0 ? (
              <p>{say('account.none')}</p>
            ) : (
              <ul class="keys-held">
                {passkeys.map(({ id, name, since, usedAt }) => (
                  <li key={id}>
                    <span>
                      <b>
                        <Plain>{name}</Plain>
                      </b>
                      <span class="note">
                        {' '}
                        {say('account.since')}: <Time at={since} />
                        {usedAt === null ? null : (
                          <>
                            {' · '}
                            {say('account.used')}: <Time at={usedAt} />
                          </>
                        )}
                      </span>
                    </span>
                    <Button
                      class="quiet"
                      aria-label={`${say('account.remove')}: ${name}`}
                      run={() => void remove(id)}
                    >
                      {say('account.remove')}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </When>
        {browserSupportsWebAuthn() ? <AddForm /> : <p class="note">{say('account.unsupported')}</p>}
      </section>
    </>
  );
}

type Given = AskedOf<typeof AddPasskey>['body'];
type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];

function AddForm() {
  const add = async (form: HTMLFormElement) => {
    const name = String(new FormData(form).get('name') ?? '');
    try {
      const { attempt, options } = await ask<typeof BeginPasskey>('post', '/api/passkeys/begin', {});
      const response = await startRegistration({ optionsJSON: options as unknown as Options });
      const body: Given = { attempt, name, response: { ...response } };
      await ask<typeof AddPasskey>('post', '/api/passkeys', { body });
      toast({ kind: 'done', text: say('account.added'), seconds: 8 });
      form.reset();
    } catch (error) {
      const isDevice = error instanceof Error && error.name !== 'RefusedError' && error.name !== 'AwayError';
      toast({ kind: 'trouble', text: isDevice ? say('account.failed') : troubleWords(error) });
    }
    renew(KEY);
  };
  return (
    <form
      class="add-key"
      onSubmit={(event) => {
        event.preventDefault();
        void add(event.currentTarget);
      }}
    >
      <label>
        {say('account.key_name')} <input name="name" required maxLength={100} autocomplete="off" />
      </label>
      <Button class="main" type="submit">
        {say('account.add')}
      </Button>
    </form>
  );
}
