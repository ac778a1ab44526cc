import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { campaignService } from '../campaign/campaign.service.js';
import type { ClickInput } from '../click/click.input.js';
import { clickService } from '../click/click.service.js';
import type { ConversionInput } from '../conversion/conversion.input.js';
import { conversionService } from '../conversion/conversion.service.js';
import { customerService } from '../customer/customer.service.js';
import { linkService } from '../link/link.service.js';

/** How many customers were won in each month, the present one last. */
const wonPerMonth = [5, 7, 6, 9, 8, 11, 6];

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

/** Those of the demo who have bought something, with the months since the first click of each. */
const regulars = [
  { externalId: 'usr_01J8X3Y', monthsAgo: 5 },
  { externalId: 'usr_01J8X41', monthsAgo: 3 },
  { externalId: 'usr_01J8X42', monthsAgo: 2 },
];

const hourMs = 3_600_000;

/**
 * Half a year of campaigns, clicks and conversions before `now`, which is all that the figures depend on: customers who come
 * by one of several ways, some of whom subscribe, month by month until they leave. Nothing lies ahead of `now`.
 */
export async function seedRevenue(db: Database, caller: Caller, now: Date): Promise<void> {
  const ways = await layWays(db, caller);
  const people: Person[] = [];
  const clicks: ClickInput[] = [];
  const conversions: ConversionInput[] = [];
  const chance = chances(20_260_313);

  const tell = (externalId: string, monthsAgo: number, convinced: boolean): void => {
    const begins = monthBefore(now, monthsAgo);
    // Away from the ends of the month, which differ from one time zone to the next.
    const ends = Math.min(begins + 26 * 24 * hourMs, now.getTime());
    const wonAt = begins + 24 * hourMs + chance() * Math.max(ends - begins - 26 * hourMs, 0);
    const happened = (time: number): boolean => time <= now.getTime();
    const click = (time: number, place: number, way = ways[Math.floor(chance() * ways.length)]): string => {
      const clickId = `${externalId}-${place}`;
      if (happened(time)) clicks.push({ ...way, clickId, externalId, occurredAt: new Date(time) });
      return clickId;
    };
    const convert = (time: number, fields: Omit<ConversionInput, 'externalId' | 'occurredAt'>): void => {
      if (happened(time)) conversions.push({ ...fields, externalId, occurredAt: new Date(time) });
    };

    let clickId = click(wonAt, 1);
    convert(wonAt + hourMs / 2, { class: 'LEAD', name: 'Trial', clickId });
    if (!convinced && chance() > 0.62) return;
    if (chance() < 0.5) clickId = click(wonAt + (6 + chance() * 40) * hourMs, 2);
    const plan = plans[Math.floor(chance() * plans.length)] ?? { name: 'Team', amountMinor: 4_900 };
    const stays = convinced ? 12 : 1 + Math.floor(chance() * 7);
    for (let month = 0; month < stays; month += 1) {
      const soldAt = wonAt + (48 + month * 730.5) * hourMs;
      // Who stays comes back now and then before a payment, by whatever way.
      const returns = convinced && month > 0 && chance() < 0.6;
      if (returns) click(soldAt - chance() * 300 * hourMs, 10 + month);
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

  for (const { externalId, monthsAgo } of regulars) tell(externalId, monthsAgo, true);
  for (const [month, won] of wonPerMonth.entries()) {
    for (let place = 0; place < won; place += 1) {
      const person = personAt(people.length);
      people.push(person);
      tell(person.externalId, wonPerMonth.length - 1 - month, false);
    }
  }

  const errorPolicy = 'ALL_OR_NOTHING';
  await customerService(db).upsertMany(caller, { customers: people, errorPolicy });
  await clickService(db).recordMany(caller, { clicks, errorPolicy });
  await conversionService(db).recordMany(caller, { conversions, errorPolicy });
  await refundSeats(db, caller, conversions, now);
}

/** The campaigns and links of the demo, and what a click that comes by each way says of itself. */
async function layWays(db: Database, caller: Caller): Promise<ClickInput[]> {
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

/** What was promised to Jane Doe, who was charged for two seats that she no longer has. */
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

/** When a month began in UTC. */
const monthBefore = (now: Date, months: number): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1);

/** Numbers from 0 up to 1 that look like chance and are the same each time. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
