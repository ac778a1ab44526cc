import { gql, type TypedDocumentNode } from '@apollo/client';
import { useQuery, useSubscription } from '@apollo/client/react';
import type { Contact, Conversation, ConversationChange } from '@deskgraph/schema';

type Row = Pick<Conversation, '__typename' | 'id' | 'databaseId' | 'subject' | 'isUnread' | 'lastMessagePreview'> & {
  contact: Pick<Contact, '__typename' | 'id' | 'name' | 'email'>;
};
type Change = Pick<ConversationChange, 'matches' | 'conversationId'> & { conversation: Row | null };

const rowFields = gql`
  fragment RowFields on Conversation {
    id
    databaseId
    subject
    isUnread
    lastMessagePreview
    contact {
      id
      name
      email
    }
  }
`;

const Inbox: TypedDocumentNode<{ conversations: { nodes: Row[] } }> = gql`
  query Inbox {
    conversations(first: 20, filter: { status: { eq: OPEN } }) {
      nodes {
        ...RowFields
      }
    }
  }
  ${rowFields}
`;

const InboxChanged: TypedDocumentNode<{ conversationChanged: Change }> = gql`
  subscription InboxChanged {
    conversationChanged(filter: { status: { eq: OPEN } }) {
      matches
      conversationId
      conversation {
        ...RowFields
      }
    }
  }
  ${rowFields}
`;

/** The list after a change: what does not match any more leaves it, and what has changed comes first. */
function placed(rows: readonly Row[], { matches, conversationId, conversation }: Change): Row[] {
  const others = rows.filter((row) => row.databaseId !== conversationId);
  return matches && conversation ? [conversation, ...others] : others;
}

export function InboxList() {
  const { data, error } = useQuery(Inbox);
  useSubscription(InboxChanged, {
    onData: ({ client, data: { data: told } }) => {
      if (!told) return;
      client.cache.updateQuery({ query: Inbox }, (page) =>
        page
          ? {
              conversations: {
                ...page.conversations,
                nodes: placed(page.conversations.nodes, told.conversationChanged),
              },
            }
          : page,
      );
    },
  });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Reading …</p>;
  return (
    <ul>
      {data.conversations.nodes.map(({ id, subject, isUnread, lastMessagePreview, contact }) => (
        <li key={id}>
          {isUnread ? <strong>{subject}</strong> : subject}, {contact.name ?? contact.email}: {lastMessagePreview}
        </li>
      ))}
    </ul>
  );
}
