import type { StartedConversation } from '../../src/modules/conversation/conversation.start.js';
import type { TestServer } from '../kit/http.js';

/** An inbox long enough to page through, and the requests that a client makes about it. */

export interface InboxStory {
  key: string;
  /** The plain ids of the conversations, the one with the latest message first. */
  latestFirst: string[];
  /** Ada, to whom nothing is assigned yet. */
  agentId: string;
  /** Changes the name of jane@example.com, who began the latest conversation, behind the client's back. */
  renameJane(name: string): Promise<void>;
}

const people = ['jane', 'omar', 'priya', 'tomas', 'lena', 'noor'];

/** As many conversations, all unread, with six contacts in turn; their number divides by six, so Jane wrote last. */
export async function seedInbox(server: TestServer, count: 6 | 60): Promise<InboxStory> {
  const { customers, conversations, agents } = server.services;
  const { operator, key } = await server.createDesk();
  const started: StartedConversation[] = [];
  for (let number = count; number > 0; number -= 1) {
    const name = people[(number - 1) % people.length];
    const conversation = await conversations.start(operator, {
      email: `${name}@example.com`,
      name,
      subject: `Question ${number}`,
      text: `This is question number ${number}.`,
      direction: 'INBOUND',
    });
    started.unshift(conversation);
  }
  const ada = await agents.create(operator, { name: 'Ada Moreno', email: 'ada@example.com' });
  return {
    key,
    latestFirst: started.map(({ conversation }) => conversation.id),
    agentId: ada.id,
    async renameJane(name) {
      await customers.upsert(operator, { email: 'jane@example.com', name });
    },
  };
}

/** A fetch that notes the operations it sends and the status of each answer. */
export function recordingFetch(): { fetch: typeof fetch; statuses: number[] } {
  const statuses: number[] = [];
  return {
    statuses,
    async fetch(input, init) {
      const response = await fetch(input, init);
      statuses.push(response.status);
      return response;
    },
  };
}
