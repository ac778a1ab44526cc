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
    'Makes an API key. It can do nothing, at no time and from nowhere, that your own key cannot. The key of an agent makes keys of that agent alone. Needs apiKeys:write.',
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
    'Gives an API key another secret; the one it had is taken for some hours more. The key of an agent who signs in has none, and goes to the next one who signs in as the agent. Not for keys that can do what your own cannot. Needs apiKeys:write.',
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
    'Makes a token that stands for an agent for some minutes, so that no key stands in a browser. It ends with the key that made it, and with the agent. Needs sessions:create.',
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
    expiresAt: { type: 'DateTime', description: 'Until when it is taken.' },
  },
});
