import { apollo } from './apollo.js';
import { deployedApollo } from './deployed/apollo.js';
import { deployedPostgraphile } from './deployed/postgraphile.js';
import { deskgraph } from './deskgraph.js';
import { floor } from './floor.js';
import { postgraphile } from './postgraphile.js';

/** @type {Record<import('../src/comparison/options.js').RivalName, import('../src/server/rival.js').Rival>} */
export const rivals = {
  deskgraph,
  floor,
  postgraphile,
  'postgraphile-deployed': deployedPostgraphile,
  apollo,
  'apollo-dataloader': deployedApollo,
};
