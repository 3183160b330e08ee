/** A process of its own with a lost index of the store at a URL: says, as often as it is asked, what is near the first listing. */
import { profileOfSealed } from '../../../classifiers/duplicates/profile.ts';
import { openDatabase } from '../../../store/open.ts';
import { ad, HONEST, lostIndex, trialMarket } from './trial.ts';

const [url = '', disk = ''] = process.argv.slice(2);
const market = trialMarket(await openDatabase({ url }));
const index = lostIndex(market.store, disk);
const [title, text] = HONEST[0]!;
const asked = profileOfSealed(market.seal(ad('other', title, `${text} 0`), 'bazar'), 'asked');

process.on('message', async () => {
  await index.follow();
  process.send!((await index.near(asked)).map(({ listingId }) => listingId));
});
