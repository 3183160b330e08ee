/**
 * What regulators call a sign of fraud: the codes that signals cite, in their own words.
 *
 * Sources: ARRFR and AFM of Kazakhstan, joint notice of 2025-10-30; Bank of Russia, "Signs of a
 * financial pyramid"; Interior Ministry of Kazakhstan, notices on ways of internet fraud;
 * Law of Kazakhstan "On gambling business" (2007-01-12, No. 219).
 */
export const CRITERIA = {
  'KZ-ARRFR-1': 'An entry fee is demanded (бастапқы жарна)',
  'KZ-ARRFR-2': 'Income far above the market is promised (нарықтық кірістен едәуір жоғары)',
  'KZ-ARRFR-3': 'Aggressive advertising (агрессивті жарнама)',
  'KZ-ARRFR-4': 'Bonuses for bringing new depositors (жаңа салымшыларды тарту үшін бонус)',
  'KZ-ARRFR-5': 'No transparent information on activity and finances',
  'KZ-ARRFR-6': 'No licence for deposits, no permission for the securities market (лицензиясы жоқ)',
  'RU-CBR-1': 'Payouts out of the deposits of others',
  'RU-CBR-2': 'No defined activity that could earn the yield',
  'RU-CBR-4': 'A guaranteed yield, which is forbidden on the securities market',
  'RU-CBR-9': 'Money is collected in cryptocurrency or through anonymous payment systems',
  'KZ-MVD-1': 'Knowingly false advertisement at a low price, prepayment to a card',
  'KZ-MVD-3': 'Acting in the name of a bank, a state body or another trusted name',
  'KZ-MVD-4': 'Recruitment of people who lend cards or carry money (droppers)',
  'KZ-MVD-5': 'A promise to return money that was stolen',
  'KZ-GAMBLING': 'Online gambling without a licence',
  none: 'A statistical reason, no criterion of a regulator',
} as const;

export type Criterion = keyof typeof CRITERIA;

export function isCriterion(code: string): code is Criterion {
  return code in CRITERIA;
}
