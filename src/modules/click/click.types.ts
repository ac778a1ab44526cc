import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { DateTimeComparator, IDComparator, orderInput, StringComparator } from '../../graphql/schema/inputs.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer } from '../customer/customer.types.js';
import { Link } from '../link/link.types.js';
import type { ClickFilter as ClickFilterShape, ClickOrderField as OrderField } from './click.listing.js';

export const Click = builder.prismaNode('Click', {
  description: 'A visit that may become a customer. Part of revenue tracking. Needs links:read.',
  ...node({ scope: 'links:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    externalId: t.exposeString('clickId', {
      description: 'Its clickId: the name by which conversions and customers are brought together with it; unique.',
    }),
    link: t.relation('link', {
      nullable: true,
      description: 'The link, also when it was deleted; null when the click came another way.',
    }),
    campaign: t.relation('campaign', {
      nullable: true,
      description: 'The campaign that it was made for: that of the link when the click came; null for none.',
    }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description:
        'Who clicked; null while that is not known, and once the customer was deleted. Needs customers:read.',
      select: { customerId: true },
      authScopes: { scope: 'customers:read' },
      resolve: ({ customerId }, _args, { loaders }) =>
        customerId === null ? null : loadVisible(loaders.byId('Customer'), customerId),
    }),
    source: t.exposeString('source', {
      description: 'Where it came from: the utm_source, else the host of the referrer, else "direct".',
    }),
    utmSource: t.exposeString('utmSource', {
      nullable: true,
      description: 'As the link said it; null when it did not.',
    }),
    utmMedium: t.exposeString('utmMedium', {
      nullable: true,
      description: 'As the link said it; null when it did not.',
    }),
    utmCampaign: t.exposeString('utmCampaign', {
      nullable: true,
      description: 'As the link said it; null when it did not.',
    }),
    referrer: t.exposeString('referrer', {
      nullable: true,
      description: 'The page it came from; null when not known.',
    }),
    url: t.exposeString('url', { nullable: true, description: 'The page it led to; null when not known.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was recorded.' }),
  }),
});

const ClickFilter = builder.inputRef<ClickFilterShape>('ClickFilter').implement({
  description: 'Which clicks; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [ClickFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [ClickFilter], description: 'One of these holds.' }),
    not: t.field({ type: ClickFilter, description: 'This does not hold.' }),
    id: t.field({ type: IDComparator, description: 'By id.' }),
    clickId: t.field({ type: StringComparator, description: 'By the name that it was given.' }),
    customerId: t.field({ type: IDComparator, description: 'By customer; ids of merged ones name the survivor.' }),
    linkId: t.field({ type: IDComparator, description: 'By link.' }),
    campaignId: t.field({ type: IDComparator, description: 'By campaign.' }),
    source: t.field({ type: StringComparator, description: 'By where they came from.' }),
    occurredAt: t.field({ type: DateTimeComparator, description: 'By when they happened.' }),
  }),
});

const ClickOrderField = builder.enumType('ClickOrderField', {
  description: 'What clicks can be sorted by.',
  values: { OCCURRED_AT: { description: 'When they happened.' } } satisfies Record<OrderField, object>,
});

const ClickConnection = connectionType('Click', Click);
const clickArguments = listArguments({
  filter: ClickFilter,
  order: orderInput('ClickOrder', ClickOrderField),
  defaultOrder: 'OCCURRED_AT DESC',
});

builder.queryFields((t) => ({
  click: t.field({
    type: Click,
    nullable: true,
    description:
      'One click, by exactly one of the arguments; null when there is none. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id.' }),
      clickId: t.arg.string({ description: 'The name that it was given.' }),
    },
    resolve: (_root, args, { services, caller }) => services.clicks.get(caller, args),
  }),
  clicks: t.field({
    type: ClickConnection,
    description: 'The clicks of the workspace. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: clickArguments,
    resolve: (_root, args, { services, caller }, info) =>
      services.clicks.list(caller, { ...args, select: selectedInPage(info, 'Click') }),
  }),
}));

builder.prismaObjectField(Customer, 'clicks', (t) =>
  t.field({
    type: ClickConnection,
    description: "The customer's clicks. Part of revenue tracking. Needs links:read.",
    select: { id: true },
    authScopes: { revenue: 'links:read' },
    args: clickArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.clicks.ofCustomer({ ...args, select: selectedInPage(info, 'Click') }).load(id),
  }),
);

builder.prismaObjectField(Link, 'clicks', (t) =>
  t.field({
    type: ClickConnection,
    description: 'The clicks on the link. Part of revenue tracking. Needs links:read.',
    select: { id: true },
    authScopes: { revenue: 'links:read' },
    args: clickArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.clicks.ofLink({ ...args, select: selectedInPage(info, 'Click') }).load(id),
  }),
);
