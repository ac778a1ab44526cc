/**
 * What the samples use of curl, for machines that have none: prints the answer, and fails when the server refuses, which
 * curl does with --fail-with-body.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    request: { type: 'string', short: 'X' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
    'data-binary': { type: 'string' },
    include: { type: 'boolean', short: 'i' },
    silent: { type: 'boolean', short: 's' },
  },
});

const [url, ...others] = positionals;
if (!url || others.length > 0) throw new Error(`One URL is wanted: ${positionals.join(' ')}`);
const given = values.data ?? values['data-binary'];
const body = given?.startsWith('@') ? readFileSync(given.slice(1)) : given;
const headers = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
for (const header of values.header) {
  const [, name, value] = /^([^:]+):\s*(.*)$/.exec(header) ?? [];
  headers[name.toLowerCase()] = value;
}
const method = values.request ?? (body === undefined ? 'GET' : 'POST');
const asked = request(url, { method, headers }, async (response) => {
  const { statusCode, rawHeaders } = response;
  if (values.include) {
    const lines = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${rawHeaders[index + 1]}`]));
    console.log(`HTTP/1.1 ${statusCode}\n${lines.join('\n')}\n`);
  }
  for await (const chunk of response) process.stdout.write(chunk);
  if (statusCode >= 400) process.exitCode = 22;
});
asked.end(body);
