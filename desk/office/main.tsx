/** Starts the app: who is here, the words, then the screen of the address. */
import '../web/desk.css';
import './office.css';
import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { renew } from './asked.ts';
import { listenToKeys } from './keys.tsx';
import { readyScreen, screenNow } from './loaders.ts';
import { dress, Frame } from './parts/frame.tsx';
import { Loading, Trouble } from './parts/states.tsx';
import { toast } from './parts/toasts.tsx';
import { listenToLinks, type Place, type ScreenProps, usePlace } from './router.ts';
import { keepSending } from './session.ts';
import { readTold, tellApp } from './told.ts';
import { learn, say, sayIfKnown } from './words.ts';

function App() {
  const place = usePlace();
  return (
    <Frame lit={place === null ? null : (place.screen.under ?? place.screen.path)}>
      {place === null ? <Trouble error={null} /> : <Screen place={place} />}
    </Frame>
  );
}

function Screen({ place }: { readonly place: Place }) {
  const { path } = place.screen;
  const [, redraw] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const screen: ComponentType<ScreenProps> | null = screenNow(path);
  useEffect(() => {
    setError(null);
    if (screenNow(path) === null) readyScreen(path).then(() => redraw((n) => n + 1), setError);
  }, [path]);
  if (error !== null) return <Trouble error={error} again={() => location.reload()} />;
  if (screen === null) return <Loading />;
  const Drawn = screen;
  return <Drawn params={place.params} query={place.query} />;
}

const told = readTold(document.querySelector<HTMLMetaElement>('meta[name=kuzet]')?.content ?? '');
tellApp(told);
dress();
await learn(told.lang);
listenToKeys(document);
listenToLinks();
keepSending((endings) => {
  for (const ending of endings) {
    if (ending.is === 'done') renew('');
    if (ending.is === 'refused') {
      const why = sayIfKnown(`error.${ending.code}`, say('error.internal'));
      toast({ kind: 'trouble', text: say('app.unsent_refused', { about: ending.letter.about, why }) });
    }
  }
});
render(<App />, document.body);
