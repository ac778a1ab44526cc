import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { client } from './client.js';
import { InboxList } from './inbox.js';

const root = document.querySelector('#root');
if (root) {
  createRoot(root).render(
    <ApolloProvider client={client}>
      <main>
        <h1>Inbox</h1>
        <InboxList />
      </main>
    </ApolloProvider>,
  );
}
