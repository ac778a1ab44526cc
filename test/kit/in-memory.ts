import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** Asks a listener as Node's server would, without a network in between that would mix up the order. Answers the status. */
export function askListener(listener: RequestListener, path: string, key: string, body: string): Promise<number> {
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = path;
  request.headers = {
    host: 'localhost',
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    accept: 'application/graphql-response+json',
  };
  request.rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [name, String(value)]);
  request.push(body);
  request.push(null);
  const response = new ServerResponse(request);
  const answered = new Promise<number>((resolve) => {
    // Without a connection it would never be sent.
    response.end = () => {
      resolve(response.statusCode);
      return response;
    };
  });
  listener(request, response);
  return answered;
}
