import { costs } from '../../../graphql/limits/cost.js';
import { builder } from '../../../graphql/schema/builder.js';
import { scoped } from '../../../graphql/schema/scopes.js';
import {
  type CountryVisits as CountryShape,
  type VolumeDay as DayShape,
  defaultCountries,
  defaultDays,
  maxCountries,
  maxDays,
  type Period,
  periodOf,
} from './volume.service.js';

/** The points of a scan of a part of an index. */
const scanPoints = 100;

const SupportVolumeDay = builder.objectRef<DayShape>('SupportVolumeDay').implement({
  description: 'Statistics of one day.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate', description: "The day, in the workspace's time zone." }),
    conversations: t.exposeInt('conversations', { description: 'The number of conversations that began on this day.' }),
  }),
});

const CountryVisits = builder.objectRef<CountryShape>('CountryVisits').implement({
  description: 'The visits from one country.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    country: t.exposeString('country', { description: 'The ISO 3166 code of the country, such as "DE".' }),
    visits: t.exposeInt('visits', { description: 'The number of clicks that were recorded with it.' }),
  }),
});

const SupportVolume = builder.objectRef<Period>('SupportVolume').implement({
  description: 'Statistics of a period.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime', description: 'When the period begins; this time belongs to it.' }),
    end: t.expose('end', { type: 'DateTime', description: 'When the period ends; this time is not part of it.' }),
    conversations: t.int({
      description: 'The number of conversations that began, in whatever status they are now.',
      ...costs(scanPoints),
      resolve: async (period, _args, { services, loaders, cacheUse }) =>
        cacheUse.note(await services.analytics.conversationsWithin(await loaders.workspaces.own(), period)),
    }),
    customers: t.int({
      description: 'The number of customers who were created, without deleted and merged ones.',
      ...costs(scanPoints),
      resolve: async (period, _args, { services, loaders, cacheUse }) =>
        cacheUse.note(await services.analytics.customersWithin(await loaders.workspaces.own(), period)),
    }),
    days: t.field({
      type: [SupportVolumeDay],
      description: 'Every day of the period in order of time, also days without any activity.',
      ...costs(scanPoints),
      resolve: async (period, _args, { services, loaders, cacheUse }) =>
        cacheUse.note(await services.analytics.daysWithin(await loaders.workspaces.own(), period)),
    }),
    countries: t.field({
      type: [CountryVisits],
      description:
        'The countries that visits came from, those with the most first. Visits without a country are left out.',
      ...costs(scanPoints),
      args: {
        first: t.arg.int({
          description: `The number of countries, 1 to ${maxCountries}; ${defaultCountries} when left out.`,
        }),
      },
      resolve: async (period, { first }, { services, loaders, cacheUse }) =>
        cacheUse.note(await services.analytics.countriesWithin(await loaders.workspaces.own(), period, first)),
    }),
  }),
});

builder.queryField('supportVolume', (t) =>
  t.field({
    type: SupportVolume,
    description: `Statistics of a period of at most ${maxDays.toLocaleString('en')} days. Needs analytics:read.`,
    ...costs(0),
    authScopes: { scope: 'analytics:read' },
    args: {
      start: t.arg({
        type: 'DateTime',
        description: `When the period begins; ${defaultDays} days before its end when left out.`,
      }),
      end: t.arg({ type: 'DateTime', description: 'When the period ends; with the current minute when left out.' }),
    },
    resolve: (_root, args) => periodOf(args),
  }),
);
