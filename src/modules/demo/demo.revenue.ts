import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { campaignService } from '../campaign/campaign.service.js';
import type { ClickInput } from '../click/click.input.js';
import { clickService } from '../click/click.service.js';
import type { ConversionInput } from '../conversion/conversion.input.js';
import { conversionService } from '../conversion/conversion.service.js';
import { customerService } from '../customer/customer.service.js';
import { linkService } from '../link/link.service.js';

/** The number of new customers in each month, the present month last. */
const newPerMonth = [5, 7, 6, 9, 8, 11, 6];

const firstNames = [
  'Alba',
  'Boris',
  'Chidi',
  'Dana',
  'Emil',
  'Farah',
  'Gus',
  'Hana',
  'Ivo',
  'Jun',
  'Kaia',
  'Luis',
  'Mina',
];
const lastNames = ['Abel', 'Brandt', 'Costa', 'Dufour', 'Eklund', 'Fischer', 'Greco'];

/** Monthly prices of the plans, in euro cents; the last one is billed in US dollars. */
const plans = [
  { name: 'Starter', amountMinor: 1_900 },
  { name: 'Starter', amountMinor: 1_900 },
  { name: 'Team', amountMinor: 4_900 },
  { name: 'Team', amountMinor: 4_900 },
  { name: 'Business', amountMinor: 12_900 },
  { name: 'Team', amountMinor: 5_400, currency: 'USD', exchangeRate: '0.92' },
];

interface Person {
  externalId: string;
  email: string;
  name: string;
}

/** The customers of the demo inbox who have bought something, with the months since their first click. */
const regulars = [
  { externalId: 'usr_01J8X3Y', monthsAgo: 5 },
  { externalId: 'usr_01J8X41', monthsAgo: 3 },
  { externalId: 'usr_01J8X42', monthsAgo: 2 },
];

const hourMs = 3_600_000;

/**
 * Creates half a year of campaigns, clicks and conversions before `now`: customers who come from several sources, some of
 * whom subscribe and pay monthly until they leave. The figures depend only on `now`, and nothing is later than it.
 */
export async function seedRevenue(db: Database, caller: Caller, now: Date): Promise<void> {
  const sources = await createSources(db, caller);
  const people: Person[] = [];
  const clicks: ClickInput[] = [];
  const conversions: ConversionInput[] = [];
  const random = randomNumbers(20_260_313);

  const addHistory = (externalId: string, monthsAgo: number, isRegular: boolean): void => {
    const start = monthBefore(now, monthsAgo);
    // Not at the ends of the month, which differ between time zones.
    const end = Math.min(start + 26 * 24 * hourMs, now.getTime());
    const firstClickAt = start + 24 * hourMs + random() * Math.max(end - start - 26 * hourMs, 0);
    const happened = (time: number): boolean => time <= now.getTime();
    const click = (time: number, place: number, source = sources[Math.floor(random() * sources.length)]): string => {
      const clickId = `${externalId}-${place}`;
      if (happened(time)) clicks.push({ ...source, clickId, externalId, occurredAt: new Date(time) });
      return clickId;
    };
    const convert = (time: number, fields: Omit<ConversionInput, 'externalId' | 'occurredAt'>): void => {
      if (happened(time)) conversions.push({ ...fields, externalId, occurredAt: new Date(time) });
    };

    let clickId = click(firstClickAt, 1);
    convert(firstClickAt + hourMs / 2, { class: 'LEAD', name: 'Trial', clickId });
    if (!isRegular && random() > 0.62) return;
    if (random() < 0.5) clickId = click(firstClickAt + (6 + random() * 40) * hourMs, 2);
    const plan = plans[Math.floor(random() * plans.length)] ?? { name: 'Team', amountMinor: 4_900 };
    const paidMonths = isRegular ? 12 : 1 + Math.floor(random() * 7);
    for (let month = 0; month < paidMonths; month += 1) {
      const soldAt = firstClickAt + (48 + month * 730.5) * hourMs;
      // Regular customers sometimes visit again before a payment.
      const returns = isRegular && month > 0 && random() < 0.6;
      if (returns) click(soldAt - random() * 300 * hourMs, 10 + month);
      const orderId = `INV-${externalId.replace('usr_', '')}-${month + 1}`;
      convert(soldAt, {
        ...plan,
        class: 'SALE',
        status: 'APPROVED',
        orderId,
        ...(month === 0 && { clickId }),
        items: 1,
      });
    }
  };

  for (const { externalId, monthsAgo } of regulars) addHistory(externalId, monthsAgo, true);
  for (const [month, count] of newPerMonth.entries()) {
    for (let place = 0; place < count; place += 1) {
      const person = personAt(people.length);
      people.push(person);
      addHistory(person.externalId, newPerMonth.length - 1 - month, false);
    }
  }

  const errorPolicy = 'ALL_OR_NOTHING';
  await customerService(db).upsertMany(caller, { customers: people, errorPolicy });
  await clickService(db).recordMany(caller, { clicks, errorPolicy });
  await conversionService(db).recordMany(caller, { conversions, errorPolicy });
  await refundSeats(db, caller, conversions, now);
}

/** Creates the campaigns and links of the demo. Returns the fields of a click from each source. */
async function createSources(db: Database, caller: Caller): Promise<ClickInput[]> {
  const campaign = async (name: string): Promise<string> => (await campaignService(db).create(caller, { name })).id;
  const link = async (name: string, campaignId: string | null, path: string): Promise<string> =>
    (await linkService(db).create(caller, { name, campaignId, url: `https://acme.example/${path}` })).id;
  const launch = await campaign('Spring launch');
  const partners = await campaign('Partner newsletter');
  const search = await campaign('Search ads');
  return [
    { linkId: await link('Launch post', launch, 'launch'), utmSource: 'linkedin', utmMedium: 'social' },
    { linkId: await link('Newsletter banner', partners, 'partners'), utmSource: 'newsletter', utmMedium: 'email' },
    { linkId: await link('Brand ad', search, 'start'), utmSource: 'google', utmMedium: 'cpc' },
    { linkId: await link('Comparison ad', search, 'compare'), utmSource: 'google', utmMedium: 'cpc' },
    { referrer: 'https://forum.example.org/support-tools', url: 'https://acme.example/' },
    { url: 'https://acme.example/pricing' },
  ];
}

/** The refund for Jane Doe, who was charged for two seats that she no longer had. */
async function refundSeats(
  db: Database,
  caller: Caller,
  conversions: readonly ConversionInput[],
  now: Date,
): Promise<void> {
  const sale = conversions.findLast(({ class: kind, externalId }) => kind === 'SALE' && externalId === 'usr_01J8X3Y');
  if (sale?.orderId == null) return;
  const refunded = { orderId: sale.orderId, class: 'SALE', amountMinor: 800, occurredAt: now } as const;
  await conversionService(db).refund(caller, refunded);
}

function personAt(place: number): Person {
  const first = firstNames[place % firstNames.length] ?? '';
  const last = lastNames[place % lastNames.length] ?? '';
  const externalId = `usr_demo${String(place + 1).padStart(2, '0')}`;
  return { externalId, name: `${first} ${last}`, email: `${first}.${last}@example.com`.toLowerCase() };
}

/** The start of a month in UTC. */
const monthBefore = (now: Date, months: number): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1);

/** Pseudo-random numbers from 0 up to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
