import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { S3Settings } from '../../src/lib/storage/s3.js';

/**
 * A server of one bucket with what the protocol of S3 says of PUT, GET and DELETE of an object, and of signatures (version
 * 4). Neither Debian nor npm has a living one for this version of Node.js.
 */
export interface Bucket {
  settings: S3Settings;
  objects: Map<string, Buffer>;
  /** While true, each request is answered with 503. */
  setDown(isDown: boolean): void;
  close(): Promise<void>;
}

const accessKeyId = 'key-of-the-bucket';
const secretAccessKey = 'secret-of-the-bucket';
const region = 'eu-central-1';

export async function startBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  let down = false;
  const server = createServer((request, response) => {
    const answer = async (): Promise<[status: number, body?: Buffer | string]> => {
      const body = await buffer(request);
      if (down) return [503, '<Error><Code>SlowDown</Code></Error>'];
      if (!isSigned(request)) return [403, '<Error><Code>SignatureDoesNotMatch</Code></Error>'];
      const key = decodeURIComponent((request.url ?? '').replace(/^\/bucket\//, '').replace(/\?.*$/, ''));
      if (request.method === 'PUT') {
        objects.set(key, body);
        return [200];
      }
      if (request.method === 'DELETE') {
        objects.delete(key);
        return [204];
      }
      const found = objects.get(key);
      return found ? [200, found] : [404, '<Error><Code>NoSuchKey</Code></Error>'];
    };
    void answer().then(([status, body]) => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: { endpoint: `http://127.0.0.1:${port}/bucket`, region, accessKeyId, secretAccessKey },
    objects,
    setDown(isDown) {
      down = isDown;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Whether the request bears the signature that the documentation of the protocol asks for. */
function isSigned({ method, url = '', headers }: IncomingMessage): boolean {
  const [, day = '', names = '', signature = ''] =
    /Credential=key-of-the-bucket\/(\d{8})\/eu-central-1\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const [path = '', query = ''] = url.split('?');
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [
    method,
    path,
    [...new URLSearchParams(query)].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
    signed.join(''),
    names,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const time = String(headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, hash].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return signature === hmac(key, toSign).toString('hex');
}
