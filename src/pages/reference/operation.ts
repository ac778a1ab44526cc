import type { OpenApiDescription } from '../../rest/openapi.js';
import { type Field, fieldsOf, limitsOf, type Schema, typeOf } from './fields.js';
import { type Html, html, prose } from './html.js';

type Operation = OpenApiDescription['paths'][string][string];

/** A route of the description. */
export interface RouteMatch {
  method: string;
  path: string;
  operation: Operation;
}

/** A route, and beside it the GraphQL operation that gives the same. */
export function renderOperation({ method, path, operation }: RouteMatch, hasGraphiql: boolean): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const [access = ''] = description.split(' The same in GraphQL');
  return html`
    <article class="operation" id="${operationId}" aria-labelledby="${operationId}-title">
      <h4 id="${operationId}-title">
        <a class="place" href="#${operationId}">${renderPlace(method, path)}</a>
      </h4>
      <p>${summary} <span class="access">${prose(access)}</span></p>
      <div class="beside">
        <div class="rest">
          ${parameters.length > 0 ? renderParameters(parameters) : null}
          ${requestBody ? renderBody(requestBody.content['application/json']) : null}
          ${renderResponses(responses)}
        </div>
        ${renderGraphql(operation, hasGraphiql)}
      </div>
    </article>`;
}

export const renderPlace = (method: string, path: string): Html =>
  html`<span class="method" data-method="${method}">${method.toUpperCase()}</span> <code>${path}</code>`;

function renderParameters(parameters: Operation['parameters']): Html {
  return renderFields(
    'Parameters',
    parameters.map(({ name, in: where, required, description, schema }) => ({
      name,
      type: `${typeOf(schema)}, in the ${where}`,
      isRequired: required,
      description,
      limits: limitsOf(schema),
    })),
  );
}

function renderFields(title: string, fields: readonly Field[]): Html {
  const rows = fields.map(
    ({ name, type, isRequired, description, limits }) => html`
      <tr>
        <th scope="row"><code>${name}</code></th>
        <td>
          <span class="type">${type}</span>${isRequired ? html` <em>required</em>` : null}
          ${limits.map((limit) => html` <span class="limit">${limit}</span>`)}
          ${description === undefined ? null : html`<br />${prose(description)}`}
        </td>
      </tr>`,
  );
  return html`<table class="fields"><caption>${title}</caption><tbody>${rows}</tbody></table>`;
}

interface Content {
  schema: Schema;
  example?: unknown;
}

function renderBody({ schema, example }: Content): Html {
  return html`${renderFields('Body, as JSON', fieldsOf(schema))}${renderExample('Example of a body', example)}`;
}

function renderExample(title: string, example: unknown): Html | null {
  if (example === undefined) return null;
  return html`<pre tabindex="0" aria-label="${title}"><code>${JSON.stringify(example, null, 2)}</code></pre>`;
}

function renderResponses(responses: Operation['responses']): Html {
  const answers = Object.entries(responses).map(([status, { description, content }]) => {
    const { schema, example } = content?.['application/json'] ?? {};
    const head = html`<span class="status" data-class="${status.charAt(0)}">${status}</span> ${description}`;
    if (schema === undefined) return html`<li>${head}</li>`;
    const fields = fieldsOf(schema);
    return html`
      <li><details${status.startsWith('2') ? html` open` : null}>
        <summary>${head}</summary>
        ${renderExample(`Example of an answer ${status}`, example)}
        ${fields.length > 0 ? html`<details><summary>Fields</summary>${renderFields('Fields', fields)}</details>` : null}
      </details></li>`;
  });
  return html`<h5>Responses</h5><ul class="responses">${answers}</ul>`;
}

function renderGraphql(operation: Operation, hasGraphiql: boolean): Html {
  const document = operation['x-graphql-document'];
  const variables = operation['x-graphql-variables'];
  const values = variables === undefined ? undefined : JSON.stringify(variables, null, 2);
  const link = new URLSearchParams({ query: document, ...(values !== undefined && { variables: values }) });
  return html`
    <div class="graphql">
      <h5>The same in GraphQL: <code>${operation['x-graphql-operation']}</code></h5>
      <p class="actions">
        <button type="button" data-copy="document">Copy operation</button>
        ${values === undefined ? null : html`<button type="button" data-copy="variables">Copy variables</button>`}
        ${hasGraphiql ? html`<a href="graphql#${link.toString()}">Open in GraphiQL</a>` : null}
      </p>
      <pre tabindex="0" aria-label="Operation" data-part="document"><code>${document}</code></pre>
      ${values === undefined ? null : html`<h6>Variables for the example</h6><pre tabindex="0" aria-label="Variables" data-part="variables"><code>${values}</code></pre>`}
    </div>`;
}
