import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, freePort, listens, type Server } from './servers.js';

/** Debian's nginx before the gateway, with its defaults but for what WebSockets need. */
export async function startNginx(gatewayPort: number): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'environment-nginx-'));
  const port = await freePort();
  await Promise.all(['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => mkdir(join(directory, name))));
  const conf = `
    daemon off;
    pid ${directory}/pid;
    error_log ${directory}/error.log;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events {}
    http {
      access_log off;
      client_body_temp_path ${directory}/body;
      proxy_temp_path ${directory}/proxy;
      fastcgi_temp_path ${directory}/fastcgi;
      uwsgi_temp_path ${directory}/uwsgi;
      scgi_temp_path ${directory}/scgi;
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      upstream deskgraph { server 127.0.0.1:${gatewayPort}; keepalive 8; }
      server {
        listen 127.0.0.1:${port};
        gzip on;
        gzip_types text/event-stream application/json;
        location / {
          proxy_pass http://deskgraph;
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
      }
    }`;
  return started('nginx', directory, port, conf, (file) => [
    '-p',
    directory,
    '-e',
    `${directory}/error.log`,
    '-c',
    file,
  ]);
}

/** Debian's HAProxy before the gateway. */
export async function startHaproxy(gatewayPort: number): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'environment-haproxy-'));
  const port = await freePort();
  const conf = `
    defaults
      mode http
      timeout connect 5s
      timeout client 60s
      timeout server 60s
      timeout tunnel 1h
      option forwardfor
      compression algo gzip
      compression type text/event-stream application/json
    frontend desk
      bind 127.0.0.1:${port}
      default_backend deskgraph
    backend deskgraph
      option httpchk GET /ready
      server gateway 127.0.0.1:${gatewayPort}
`;
  return started('haproxy', directory, port, conf, (file) => ['-db', '-f', file]);
}

async function started(
  program: string,
  directory: string,
  port: number,
  conf: string,
  argsOf: (file: string) => string[],
): Promise<Server> {
  const file = join(directory, 'conf');
  await writeFile(file, conf);
  const child = spawn(program, argsOf(file), { stdio: 'ignore' });
  await listens(port);
  return {
    port,
    directory,
    async stop() {
      await ended(child);
      await rm(directory, { recursive: true });
    },
  };
}
