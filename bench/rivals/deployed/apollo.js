import { graphqlRequest } from '../../src/server/graphql.js';
import { fromBench } from '../../src/paths.js';
import { apollo, connectApollo, node } from '../apollo.js';
import { keyHeaders, seeThatItGuards } from './guard.js';

/** @type {import('../../src/server/rival.js').Rival} */
export const deployedApollo = {
  ...apollo,
  title: 'Apollo 5 + DataLoader',

  launch: async (setting) => ({
    ...(await apollo.launch(setting)),
    args: [fromBench('rivals/deployed/apollo-server.js')],
  }),

  connect: async (setting, origin) => {
    const { databaseUrl, workspaceId: workspace, samples } = setting;
    const [id] = samples.conversations;
    await seeThatItGuards(origin, databaseUrl, (headers) => graphqlRequest(node, { workspace, id }, headers));
    return connectApollo(setting, await keyHeaders(databaseUrl, workspace));
  },
};
