import type { StartedConversation } from '../../src/modules/conversation/conversation.start.js';
import type { TestServer } from '../kit/http.js';
import { AddMessage, SetConversationStatus } from './operations.js';

/** An inbox long enough to page through, and the requests that a client makes about it. */

export interface InboxStory {
  key: string;
  /** The plain ids of the conversations, the one with the latest message first. */
  latestFirst: string[];
  /** Ada, to whom nothing is assigned yet. */
  agentId: string;
  /** Changes the name of jane@example.com, who began the latest conversation, behind the client's back. */
  renameJane(name: string): Promise<void>;
  /** What others do meanwhile to the conversation at this place of `latestFirst`. */
  say(place: number, text: string): Promise<void>;
  setStatus(place: number, status: 'OPEN' | 'CLOSED'): Promise<void>;
  /** Answers the plain id of the new conversation. */
  start(email: string, text: string): Promise<string>;
}

const people = ['jane', 'omar', 'priya', 'tomas', 'lena', 'noor'];

/** As many conversations, all unread, with six contacts in turn; their number divides by six, so Jane wrote last. */
export async function seedInbox(server: TestServer, count: 6 | 60): Promise<InboxStory> {
  const { customers, conversations, agents } = server.services;
  const desk = await server.createDesk();
  const { operator, key } = desk;
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
  const latestFirst = started.map(({ conversation }) => conversation.id);
  const idAt = (place: number): string => latestFirst[place] ?? '';
  return {
    key,
    latestFirst,
    agentId: ada.id,
    async renameJane(name) {
      await customers.upsert(operator, { email: 'jane@example.com', name });
    },
    async say(place, text) {
      await desk.run(AddMessage, { input: { conversationId: idAt(place), text, direction: 'INBOUND' } });
    },
    async setStatus(place, status) {
      await desk.run(SetConversationStatus, { input: { id: idAt(place), status } });
    },
    async start(email, text) {
      return (await conversations.start(operator, { email, text, direction: 'INBOUND' })).conversation.id;
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
