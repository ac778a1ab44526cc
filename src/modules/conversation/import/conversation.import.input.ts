import type { z } from 'zod';
import type { agentRecord } from '../../agent/agent.record.js';
import type { channelRecord } from '../../channel/channel.record.js';
import { conversationRecord } from '../conversation.record.js';

/** A conversation with its customer and its messages, as another system or another installation exports it. */
export const importedConversation = conversationRecord.schema
  .superRefine(({ id, externalId, team, channel, status, closedAt, snoozedUntil, createdAt, messages }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (externalId == null && id == null) issue(['externalId'], 'Must be given where there is no id.');
    if (team == null && channel === undefined) issue(['team'], 'Must be given where there is no channel.');
    const isOpen = (status ?? 'OPEN') === 'OPEN';
    if (closedAt != null && isOpen) issue(['closedAt'], 'An open conversation has not been closed.');
    if (snoozedUntil != null && !isOpen) issue(['snoozedUntil'], 'Only an open conversation can be snoozed.');
    if (messages.length === 0 && createdAt == null) issue(['messages'], 'Must not be empty.');
  })
  .transform(({ messages, channel, ...conversation }) => ({
    ...conversation,
    channel:
      channel === undefined && conversation.team != null
        ? { kind: conversation.source, name: conversation.team }
        : (channel ?? null),
    messages: messages.map(({ externalId, ...message }, index) => ({
      ...message,
      externalId: externalId ?? (message.id == null ? `${conversation.externalId ?? conversation.id}:${index}` : null),
    })),
  }))
  .superRefine(({ messages }, context) => {
    const seen = new Set<string>();
    const isNew = (name: string): boolean => !seen.has(name) && Boolean(seen.add(name));
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: ['messages', ...path], message });
    for (const [index, message] of messages.entries()) {
      for (const key of ['externalId', 'id'] as const) {
        if (message[key] == null || isNew(`${key} ${message[key]}`)) continue;
        issue([index, key], `Another message of this conversation has this ${key}.`);
      }
      if (message.email && !isNew(`email ${message.email.messageId}`)) {
        issue([index, 'email', 'messageId'], 'Another message of this conversation has this Message-ID.');
      }
      for (const [place, { id }] of (message.attachments ?? []).entries()) {
        if (id == null || isNew(`attachment ${id}`)) continue;
        issue([index, 'attachments', place, 'id'], 'Another attachment of this conversation has this id.');
      }
    }
  });

export type ImportedConversation = z.output<typeof importedConversation>;
export type ImportedMessage = ImportedConversation['messages'][number];
export type ImportedAgent = z.output<typeof agentRecord.schema>;
export type ImportedChannel = z.output<typeof channelRecord.schema>;

/** The stored files that its messages name, by their digests. */
export const storedFilesOf = ({ messages }: ImportedConversation): string[] =>
  messages.flatMap(({ email, attachments }) => [
    ...(email?.raw == null ? [] : [email.raw]),
    ...(attachments ?? []).flatMap(({ digest }) => digest ?? []),
  ]);
