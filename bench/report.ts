/**
 * Writes docs/figures.md and docs/figures.svg: every bar with its figure, read off the one page where it stands.
 *
 *     npm run report
 *
 * Nothing is measured here and nothing is copied by hand: a page that tells a figure no more is said to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BARS, type Bar } from './report/bars.ts';
import { reportPicture } from './report/picture.ts';
import { type Told, tell } from './report/tell.ts';

export function reportPage(told: readonly Told[]): string {
  const count = (says: Told['says']) => told.filter((it) => it.says === says).length;
  const rows = told.map(
    ({ bar, figure, says }) =>
      `| ${bar.about} | ${bar.what} | ${barWords(bar)} | ${figure ?? '—'} | ${says === 'meets it' ? says : `**${says}**`} | ${bar.at === null ? '—' : pageLink(bar.at.page)} | \`${bar.command}\` |`,
  );
  return `# Figures

Made by \`npm run report\` of the pages where the figures stand; each of those says with which data, on which machine and
under what load they were measured, and what peer stood beside. Change those pages, not this one.

Of ${told.length} bars ${count('meets it')} are met, ${count('falls short')} fall short, ${count('not measured')} have no figure on any page. ${count('told no more') === 0 ? '' : `${count('told no more')} are told no more by the page that told them. `}Figures of the model's card are of the data it was made of,
with sources or texts left out: they are no proof for others. Bars that are laws (nothing lost, nobody let in, every byte
found) are tests and not figures: \`npm test\`, and [the checklist of security](security/asvs.md).

![Each figure beside its bar: to the right it is better, to the left worse, by how many times](figures.svg)

| about | what | bar | figure | | page | command |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function barWords({ passes }: Bar): string {
  if ('most' in passes) return `at most ${passes.most}`;
  return passes.times === undefined
    ? `at least ${passes.least}`
    : `at least ${passes.least} x ${passes.times.row}`;
}

function pageLink(page: string): string {
  return `[${page}](${page.startsWith('docs/') ? page.slice(5) : `../${page}`})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const told = tell(BARS, (name) => readFileSync(root + name, 'utf8'));
  writeFileSync(`${root}docs/figures.md`, reportPage(told));
  writeFileSync(`${root}docs/figures.svg`, reportPicture(told));
  for (const { bar, figure, says } of told)
    if (says !== 'meets it') console.log(`${says}: ${bar.what} (${figure ?? '—'})`);
}
