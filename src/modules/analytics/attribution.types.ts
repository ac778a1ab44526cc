import type { Context } from '../../context.js';
import type { AttributionModel as ModelValue } from '../../generated/prisma/client.js';
import { builder } from '../../graphql/schema/builder.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { scoped } from '../../graphql/schema/scopes.js';
import { Campaign } from '../campaign/campaign.types.js';
import { Click } from '../click/click.types.js';
import { Link } from '../link/link.types.js';
import type { Attribution as AttributionShape, Credit as CreditShape } from './attribution.loaders.js';

const AttributionModel = defineEnum('AttributionModel', {
  description: 'How the credit for a sale is divided among the clicks before it.',
  values: {
    LAST: { description: 'The last click gets all.' },
    FIRST: { description: 'The first click gets all.' },
    LINEAR: { description: 'All clicks get equal parts.' },
    POSITION: {
      description:
        'The first and the last click get 40 % each, all others together 20 %; with two clicks, each gets half.',
    },
    DECAY: { description: 'All clicks get a part; each gets half as much as a click 7 days later.' },
  },
});

type LabelledCredit = CreditShape & { of: 'click' | 'link' | 'campaign' | 'source' };

async function labelOf({ of, key }: LabelledCredit, _args: object, { loaders }: Context): Promise<string | null> {
  if (of === 'source') return key;
  if (of === 'click') return (await loaders.byId('Click').load(key))?.clickId ?? null;
  if (key === '') return null;
  if (of === 'campaign') return (await loaders.byId('Campaign').load(key))?.name ?? null;
  const link = await loaders.byId('Link').load(key);
  return link && (link.name ?? link.url);
}

const AttributionCredit = builder.objectRef<LabelledCredit>('AttributionCredit');
AttributionCredit.implement({
  description: 'One click, link, campaign or source, and the revenue credited to it.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    amount: t.field({
      type: Money,
      description:
        'The credited part of the revenue, 0 until one of its clicks led to a sale. All parts and the unattributed amount add up to the revenue exactly.',
      resolve: ({ amountMinor }, _args, context) => inBaseCurrency(context, amountMinor),
    }),
    key: t.string({
      nullable: true,
      description:
        'The plain id of the click, link or campaign, or the source; null for clicks without a link or a campaign.',
      resolve: ({ key }) => (key === '' ? null : key),
    }),
    label: t.string({
      nullable: true,
      description:
        'A label for display: the clickId, the name of the link or else its URL, the name of the campaign, or the source. Null without a link or campaign.',
      resolve: labelOf,
    }),
    firstTouchAt: t.field({
      type: 'DateTime',
      description: 'When its first click was.',
      resolve: ({ firstAt }) => new Date(firstAt),
    }),
    lastTouchAt: t.field({
      type: 'DateTime',
      description: 'When its last click was.',
      resolve: ({ lastAt }) => new Date(lastAt),
    }),
    click: t.field({
      type: Click,
      nullable: true,
      description: 'The click; null among links, campaigns and sources. Needs links:read.',
      resolve: ({ of, key }, _args, { loaders }) => (of === 'click' ? loaders.byId('Click').load(key) : null),
    }),
    link: t.field({
      type: Link,
      nullable: true,
      description:
        'The link; null for clicks without a link, and among clicks, campaigns and sources. Needs links:read.',
      resolve: ({ of, key }, _args, { loaders }) =>
        of === 'link' && key !== '' ? loaders.byId('Link').load(key) : null,
    }),
    campaign: t.field({
      type: Campaign,
      nullable: true,
      description:
        'The campaign; null for clicks without a campaign, and among clicks, links and sources. Needs links:read.',
      resolve: ({ of, key }, _args, { loaders }) =>
        of === 'campaign' && key !== '' ? loaders.byId('Campaign').load(key) : null,
    }),
    source: t.string({
      nullable: true,
      description: 'The source of the clicks; null among clicks, links and campaigns.',
      resolve: ({ of, key }) => (of === 'source' ? key : null),
    }),
  }),
});

export const Attribution = builder.objectRef<AttributionShape>('Attribution').implement({
  description: 'Where a customer came from, and the credits of clicks for its purchases.',
  ...scoped('analytics:read'),
  fields: (t) => {
    const credits = (
      list: 'clicks' | 'links' | 'campaigns' | 'sources',
      of: 'click' | 'link' | 'campaign' | 'source',
    ) =>
      t.field({
        type: [AttributionCredit],
        description:
          of === 'click'
            ? 'The clicks with their credits, in their order. Of those without a credit, the first one and the latest 200.'
            : `The credit of each ${of}, in the order of the first click.`,
        resolve: (attribution) => attribution[list].map((credit) => ({ ...credit, of })),
      });
    return {
      model: t.expose('model', { type: AttributionModel, description: 'The attribution model.' }),
      windowDays: t.exposeInt('windowDays', {
        description: 'The number of days before a sale in which a click counts.',
      }),
      revenue: t.field({
        type: Money,
        description: 'The revenue to attribute: the lifetime value of the customer.',
        resolve: ({ revenueMinor }, _args, context) => inBaseCurrency(context, revenueMinor),
      }),
      unattributed: t.field({
        type: Money,
        description: 'The revenue of sales without a click in the days before them.',
        resolve: ({ unattributedMinor }, _args, context) => inBaseCurrency(context, unattributedMinor),
      }),
      firstTouch: t.field({
        type: Click,
        nullable: true,
        description: 'The first click of the customer; null if there is none. Needs links:read.',
        resolve: ({ firstClickId }, _args, { loaders }) =>
          firstClickId === null ? null : loaders.byId('Click').load(firstClickId),
      }),
      lastTouch: t.field({
        type: Click,
        nullable: true,
        description: 'The last click of the customer; null if there is none. Needs links:read.',
        resolve: ({ lastClickId }, _args, { loaders }) =>
          lastClickId === null ? null : loaders.byId('Click').load(lastClickId),
      }),
      clicks: credits('clicks', 'click'),
      links: credits('links', 'link'),
      campaigns: credits('campaigns', 'campaign'),
      sources: credits('sources', 'source'),
    };
  },
});

export const modelArgument = builder.args((t) => ({
  model: t.field({
    type: AttributionModel,
    description: 'The attribution model; that of the workspace when left out, by default LAST.',
  }),
}));

/** The credits for the purchases of a customer, by the model or else that of the workspace. */
export async function attributionOf({ loaders, cacheUse }: Context, id: string, model: ModelValue | null | undefined) {
  const { attributionModel, attributionWindowDays: windowDays } = await loaders.workspaces.own();
  return cacheUse.note(
    await loaders.attributions.ofCustomer({ model: model ?? attributionModel, windowDays }).load(id),
  );
}
