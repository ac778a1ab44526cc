import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer } from '../customer/customer.types.js';
import { Link } from '../link/link.types.js';
import { clickList } from './click.fields.js';

export const Click = builder.prismaNode('Click', {
  description: 'A visit by a person who may become a customer. Part of revenue tracking. Needs links:read.',
  ...node({ scope: 'links:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    externalId: t.exposeString('clickId', {
      description: 'The clickId: the unique name by which conversions and calls refer to the click.',
    }),
    link: t.relation('link', {
      nullable: true,
      description: 'The link, even if it was deleted; null if the click was not made on a link.',
    }),
    campaign: t.relation('campaign', {
      nullable: true,
      description: 'The campaign of the click, by default that of the link when the click was recorded; null for none.',
    }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer who clicked; null if not known, or if the customer was deleted. Needs customers:read.',
      select: { customerId: true },
      resolve: ({ customerId }, _args, { loaders }) =>
        customerId === null ? null : loadVisible(loaders.byId('Customer'), customerId),
    }),
    source: t.exposeString('source', {
      description: 'The source of the visit: the utm_source, else the host of the referrer, else "direct".',
    }),
    utmSource: t.exposeString('utmSource', {
      nullable: true,
      description: 'The utm_source parameter of the URL; null if there was none.',
    }),
    utmMedium: t.exposeString('utmMedium', {
      nullable: true,
      description: 'The utm_medium parameter of the URL; null if there was none.',
    }),
    utmCampaign: t.exposeString('utmCampaign', {
      nullable: true,
      description: 'The utm_campaign parameter of the URL; null if there was none.',
    }),
    referrer: t.exposeString('referrer', {
      nullable: true,
      description: 'The URL of the page that contained the link; null if not known.',
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'The URL of the page that was opened; null if not known.',
    }),
    country: t.exposeString('country', {
      nullable: true,
      description: 'The ISO 3166 code of the country that the visit came from; null if not known.',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the click happened.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the click was recorded.' }),
  }),
});

const ClickConnection = connectionType('Click', Click);
const clickArguments = listArguments(clickList);

builder.queryFields((t) => ({
  click: t.field({
    type: Click,
    nullable: true,
    description:
      'One click, selected by exactly one of the arguments; null if there is none. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id.' }),
      clickId: t.arg.string({ description: 'The clickId of the click.' }),
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
