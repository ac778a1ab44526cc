import { z } from 'zod';
import { networkOf, originOf } from '../../auth/places.js';
import { isScope } from '../../auth/scopes.js';
import { ApiKeyKind } from '../../generated/prisma/client.js';
import { id, ifVersion, inputMeta, list, name, notNull, wholeNumber } from '../../lib/values/validation.js';

const maxName = 100;
const maxPlaces = 50;
const mostPoints = 999_999_999;
const maxSessionMinutes = 60;

/** A list of texts. `read` converts each to its stored form; an invalid one gets this error message. */
const listOf = (read: (text: string) => string | undefined, max: number, fault: string) =>
  list(z.string().max(300, 'Must have at most 300 characters.'), max, `Must have at most ${max} elements.`)
    .superRefine((texts, context) => {
      for (const [index, text] of texts.entries()) {
        if (read(text) === undefined) context.addIssue({ code: 'custom', path: [index], message: fault });
      }
    })
    .transform((texts) => [...new Set(texts.flatMap((text) => read(text) ?? []))]);

const scopes = listOf((text) => (isScope(text) ? text : undefined), 50, 'Is no scope.').refine(
  (held) => held.length > 0,
  'Must name at least one scope.',
);
const origins = listOf(originOf, maxPlaces, 'Is no origin such as "https://desk.example".');
const networks = listOf(networkOf, maxPlaces, 'Is no address or network such as "10.1.0.0/16".');
const future = z.date().refine((time) => time.getTime() > Date.now(), 'Must lie in the future.');

const limits = z
  .object({
    maxCost: wholeNumber(1, mostPoints)
      .nullish()
      .describe('The maximum cost of an operation in points; null for the general limit.'),
    rateCapacity: wholeNumber(1, mostPoints)
      .nullish()
      .describe('The number of points that the key may spend at once; null for the general limit.'),
    rateRestore: wholeNumber(1, mostPoints)
      .nullish()
      .describe('The number of points restored per second; null for the general limit.'),
  })
  .describe('What the key is given instead of the general limits.')
  .register(inputMeta, { type: 'ApiKeyLimitsInput' });

const about = {
  name: `What the key is for, at most ${maxName} characters`,
  scopes: 'What the key may do, such as "customers:read"; only scopes that your own key holds.',
  expiresAt: 'When the key ends; not after your own key does',
  limits: 'Limits that replace the general limits for the key; not higher than those of your own key',
  allowedOrigins: `The origins of the pages that may use the key, such as "https://desk.example", at most ${maxPlaces}`,
  allowedNetworks: `The addresses and networks from which the key may be used, such as "10.1.0.0/16", at most ${maxPlaces}`,
  onlyTrustedDocuments: 'Whether the key may only run the trusted documents of the workspace',
};

export const newApiKeyInput = z.object({
  name: name(maxName).nullish().describe(`${about.name}.`),
  kind: z.enum(ApiKeyKind).describe('The kind of caller that uses the key.'),
  agentId: id
    .nullish()
    .describe('The agent that a key of the kind USER acts as; required for that kind, and only for it.'),
  scopes: scopes.describe(about.scopes),
  expiresAt: future.nullish().describe(`${about.expiresAt}. Never if omitted.`),
  limits: limits.nullish().describe(`${about.limits}.`),
  allowedOrigins: origins.nullish().describe(`${about.allowedOrigins}. Any if omitted.`),
  allowedNetworks: networks.nullish().describe(`${about.allowedNetworks}. Any if omitted.`),
  onlyTrustedDocuments: z.boolean().nullish().describe(`${about.onlyTrustedDocuments}; false if omitted.`),
});

const keyId = id.describe('The API key.');

export const updateApiKeyInput = z.object({
  id: keyId,
  name: name(maxName).nullish().describe(`${about.name}; null removes it.`),
  scopes: notNull(scopes).describe(about.scopes),
  expiresAt: future.nullish().describe(`${about.expiresAt}; null for never.`),
  limits: limits.nullish().describe(`${about.limits}; replaces all of them, null removes them.`),
  allowedOrigins: origins.nullish().describe(`${about.allowedOrigins}; an empty list or null for any.`),
  allowedNetworks: networks.nullish().describe(`${about.allowedNetworks}; an empty list or null for any.`),
  onlyTrustedDocuments: notNull(z.boolean()).describe(`${about.onlyTrustedDocuments}.`),
  ifVersion: ifVersion('API key'),
});

export const rotateApiKeyInput = z.object({
  id: keyId,
  graceHours: wholeNumber(0, 168)
    .nullish()
    .transform((hours) => hours ?? 24)
    .describe('For how many hours the previous secret is still accepted, 0 to 168; 24 if omitted.'),
  ifVersion: ifVersion('API key'),
});

export const revokeApiKeyInput = z.object({ id: keyId });

export const newSessionTokenInput = z.object({
  agentId: id.describe('The agent that the token stands for.'),
  scopes: scopes.describe('What the token may do; only scopes that your own key holds.'),
  expiresInMinutes: wholeNumber(1, maxSessionMinutes)
    .nullish()
    .transform((minutes) => minutes ?? 15)
    .describe(`For how many minutes it is valid, 1 to ${maxSessionMinutes}; 15 if omitted.`),
});

export type NewApiKeyInput = z.input<typeof newApiKeyInput>;
export type UpdateApiKeyInput = z.input<typeof updateApiKeyInput>;
export type RotateApiKeyInput = z.input<typeof rotateApiKeyInput>;
export type RevokeApiKeyInput = z.input<typeof revokeApiKeyInput>;
export type NewSessionTokenInput = z.input<typeof newSessionTokenInput>;
