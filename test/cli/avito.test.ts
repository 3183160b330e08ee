import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { readWords, UsageError } from '../../cli/command.ts';
import { pairs } from '../../cli/listings.ts';
import { readConfig } from '../../config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-avito-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function run(...args: string[]) {
  const out: string[] = [];
  const io = {
    stdin: Readable.from([]),
    out: (line: string) => void out.push(line),
    err: () => undefined,
    json: true,
    isTerminal: false,
  };
  const code = await pairs.run(readWords(pairs, ['avito', ...args]), {
    config: readConfig({}, folder),
    io,
    signal: new AbortController().signal,
  });
  return { code, told: JSON.parse(out[0]!) as { pairs: number; missing: number; auc: number } };
}

const HEADER = 'itemID,categoryID,title,description,images_array,attrsJSON,price,locationID,metroID,lat,lon';
const COT =
  'Кроватка с маятником, матрас кокос, ""как новая"", борт снимается;\nбалдахин в подарок, Северное шоссе';
const ITEMS = write(
  'ItemInfo_train.csv',
  [
    HEADER,
    `1,29,Кроватка детская,"${COT}","10, 11","{""Вид товара"":""Кроватки""}",4500.0,652,,55.1,61.2`,
    `2,29,Кроватка детcкая,"${COT} Торг",12,"{""Вид товара"":""Кроватки""}",4500.0,652,,55.1,61.2`,
    '3,9,Лада Калина,"Зимняя резина, сигнализация с автозапуском, один хозяин, пробег честный",,,180000,637,,,',
    '4,24,Комната,Сдам комнату студентке без вредных привычек у парка Победы,,not json,,637,,,',
  ].join('\n'),
);

test('pairs of the contest are judged by its own files, cells over several lines and all', async () => {
  const given = write(
    'ItemPairs_train.csv',
    'itemID_1,itemID_2,isDuplicate,generationMethod\n1,2,1,1\n1,3,0,1\n3,4,0,2\n2,4,0,3\n',
  );
  expect(await run('--items', ITEMS, '--pairs', given)).toMatchObject({
    code: 0,
    told: { pairs: 4, missing: 0, auc: 1 },
  });
  expect((await run('--items', ITEMS, '--pairs', given, '--limit', '2')).told.pairs).toBe(2);
});

test('a pair whose item is not there is counted, and a file of another kind refused', async () => {
  const given = write(
    'pairs.csv',
    'itemID_1,itemID_2,isDuplicate,generationMethod\n1,2,1,1\n1,3,0,1\n1,99,0,1\n',
  );
  expect(await run('--items', ITEMS, '--pairs', given)).toMatchObject({
    code: 1,
    told: { pairs: 2, missing: 1 },
  });
  await expect(run('--items', given, '--pairs', given)).rejects.toThrow(UsageError);
});
