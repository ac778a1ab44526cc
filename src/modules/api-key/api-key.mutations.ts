import { defineMutation, written } from '../../graphql/schema/mutation.js';
import {
  newApiKeyInput,
  newSessionTokenInput,
  revokeApiKeyInput,
  rotateApiKeyInput,
  updateApiKeyInput,
} from './api-key.input.js';
import { ApiKey } from './api-key.types.js';

const changed = { type: ApiKey, description: 'The key after the change.' } as const;
const result = written();
const key = {
  type: 'String',
  isSecret: true,
  description:
    'The secret of the key, which requests send as `Authorization: Bearer`. It is returned only here; null when the request is repeated under its Idempotency-Key.',
} as const;

defineMutation('createApiKey', {
  description:
    'Creates an API key. It can do no more than your own key: it has no other scopes, is not valid for longer, and is not accepted from other places. The key of an agent creates keys of that agent alone. Needs apiKeys:write.',
  scope: 'apiKeys:write',
  input: newApiKeyInput,
  resolve: ({ services, caller }, input) => services.managedKeys.create(caller, input),
  payload: { apiKey: { ...changed, description: 'The new key.' }, key },
});

defineMutation('updateApiKey', {
  description:
    'Changes the given fields of an API key. After the change it can do nothing that your own key cannot. Safe to repeat. Needs apiKeys:write.',
  scope: 'apiKeys:write',
  input: updateApiKeyInput,
  resolve: ({ services, caller }, input) => services.managedKeys.update(caller, input),
  payload: { apiKey: changed, result },
});

defineMutation('rotateApiKey', {
  description:
    'Gives an API key a new secret; the previous secret is accepted for some hours more. The sign-in key of an agent has no secret: rotating it lets the next person sign in as the agent. Refused for keys that can do more than your own key. Needs apiKeys:write.',
  scope: 'apiKeys:write',
  input: rotateApiKeyInput,
  resolve: ({ services, caller }, input) => services.managedKeys.rotate(caller, input),
  payload: { apiKey: changed, key },
});

defineMutation('revokeApiKey', {
  description:
    'Revokes an API key for good, and the session tokens that it made. Gateways refuse it within a quarter of a second. Safe to repeat. Needs apiKeys:write.',
  scope: 'apiKeys:write',
  input: revokeApiKeyInput,
  resolve: ({ services, caller }, input) => services.managedKeys.revoke(caller, input),
  payload: { apiKey: changed, result },
});

defineMutation('createSessionToken', {
  description:
    'Creates a token that acts for an agent for some minutes, so that a browser needs no key. It becomes invalid with the key that created it, and when the agent is deactivated. Needs sessions:create.',
  scope: 'sessions:create',
  input: newSessionTokenInput,
  resolve: ({ services, caller }, input) => services.sessionTokens.create(caller, input),
  payload: {
    token: {
      type: 'String',
      isSecret: true,
      description:
        'The token, to be sent as a key is. It is returned only here; null when the request is repeated under its Idempotency-Key.',
    },
    expiresAt: { type: 'DateTime', description: 'When it expires.' },
  },
});
