import { expect, test } from 'vitest';
import { openApiOf } from '../../src/rest/openapi.js';
import { tidysupport } from '../../src/rest/tidysupport/dialect.js';
import { type Description, type JsonSchema, operationsOf } from '../kit/openapi.js';
import { declarationOf } from '../kit/typescript.js';

/** The types of the SDK are those of the OpenAPI document; `npm run schema` writes them anew. */

// As it goes over the line.
const description: Description = JSON.parse(JSON.stringify(openApiOf([tidysupport], '')));
const { schemas } = description.components;

/** What the SDK calls a schema of the document. */
const nameOf = (schema: string): string =>
  schema === 'TidySupportError' ? 'ErrorBody' : schema.replace(/^TidySupport/, '');

type Part = 'Query' | 'Body' | 'Answer';

/** The declarations of these parts of each operation. */
const declarationsOf = (...parts: readonly Part[]): string[] =>
  operationsOf(description).flatMap(({ operation: { operationId: id, parameters, requestBody, responses } }) => {
    const query = parameters.filter((parameter) => parameter.in === 'query');
    const properties = Object.fromEntries(query.map(({ name, schema }) => [name, schema]));
    const required = query.filter((parameter) => parameter.required).map(({ name }) => name);
    const done = Object.entries(responses).filter(([status]) => status.startsWith('2'));
    const answers = done.flatMap(([, { content }]) => (content ? [content['application/json'].schema] : []));
    const schemaOf: Record<Part, JsonSchema | undefined> = {
      Query: query.length > 0 ? { type: 'object', properties, required } : undefined,
      Body: requestBody?.content['application/json'].schema,
      Answer: answers.length > 0 ? { anyOf: answers } : undefined,
    };
    return parts.flatMap((part) => {
      const schema = schemaOf[part];
      return schema ? [declarationOf(`${id[0]?.toUpperCase()}${id.slice(1)}${part}`, schema, nameOf)] : [];
    });
  });

/** A file of types, with what it takes of the things. */
function fileOf(what: string, declarations: readonly string[]): string {
  const text = declarations.join('\n\n');
  const used = Object.keys(schemas)
    .map(nameOf)
    .filter((name) => new RegExp(`[:=(] ?${name}\\b`).test(text));
  const imports = what === things ? '' : `import type { ${used.join(', ')} } from './things.js';\n\n`;
  const heading = `/** ${what} of TidySupport's API, as the OpenAPI document describes them. Written by \`npm run schema\`. */`;
  return `${imports}${heading}\n\n${text}\n`;
}
const things = 'The things';

test('the things have the types of the document', async () => {
  const declarations = Object.entries(schemas).map(([name, schema]) => declarationOf(nameOf(name), schema, nameOf));
  await expect(fileOf(things, declarations)).toMatchFileSnapshot('../../src/sdk/generated/things.ts');
});

test('what requests bring has the types of the document', async () => {
  const file = fileOf('The requests', declarationsOf('Query', 'Body'));
  await expect(file).toMatchFileSnapshot('../../src/sdk/generated/requests.ts');
});

test('what is answered has the types of the document', async () => {
  const file = fileOf('The answers', declarationsOf('Answer'));
  await expect(file).toMatchFileSnapshot('../../src/sdk/generated/answers.ts');
});
