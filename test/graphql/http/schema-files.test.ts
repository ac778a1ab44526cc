import { buildClientSchema } from 'graphql';
import { expect, test } from 'vitest';
import { sdlWithCosts } from '../../../src/graphql/schema/printed/costs.js';
import { schema } from '../../../src/graphql/schema.js';
import { startTestServer } from '../../kit/http.js';

/** The schema as a file, for those who may ask for it. */

test('/schema.graphql is the schema with its costs, for keys alone', async () => {
  const server = await startTestServer();
  try {
    const { key, workspaceId } = await server.createDesk();
    const authorization = `Bearer ${key}`;
    const answer = await fetch(`${server.origin}/schema.graphql`, { headers: { authorization } });
    expect(answer.headers.get('content-type')).toBe('application/graphql; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(await answer.text()).toBe(sdlWithCosts(schema));
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(`${server.origin}/schema.graphql`, {
      headers: { authorization, 'if-none-match': etag },
    });
    expect(again.status).toBe(304);
    const { data } = await (await fetch(`${server.origin}/schema.json`, { headers: { authorization } })).json();
    expect(buildClientSchema(data).getType('Conversation')).toBeDefined();

    const refused = await fetch(`${server.origin}/schema.graphql`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const { key: bound } = await server.services.apiKeys.create({
      workspaceId,
      kind: 'API_USER',
      onlyTrustedDocuments: true,
    });
    const forbidden = await fetch(`${server.origin}/schema.graphql`, { headers: { authorization: `Bearer ${bound}` } });
    expect([forbidden.status, (await forbidden.json()).errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    const post = await fetch(`${server.origin}/schema.graphql`, { method: 'POST', headers: { authorization } });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  } finally {
    await server.close();
  }
});

test.each([
  ['public', 200],
  ['off', 404],
] as const)('where introspection is %s, a request without a key gets %i', async (introspection, status) => {
  const server = await startTestServer({ introspection });
  try {
    for (const path of ['/schema.graphql', '/schema.json']) {
      expect((await fetch(`${server.origin}${path}`)).status).toBe(status);
    }
  } finally {
    await server.close();
  }
});
