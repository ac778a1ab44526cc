/** How a process of the gateway says that it serves, and how it ends. */
import type { Environment } from './env.js';
import type { Log } from './lib/process/log.js';
import type { DemoKeys } from './modules/demo/demo.seed.js';

/** A shut-down that takes longer is broken off. */
const shutdownMs = 10_000;

/** Says where the gateway is, and the keys of a demo that was just made; all at once, for programs that wait for it. */
export function announce({ graphiql, publicUrl }: Environment, demo: DemoKeys | null): void {
  const hint = graphiql ? ' (open it in a browser for GraphiQL)' : '';
  const lines = [
    `Deskgraph serves ${publicUrl}/graphql${hint}`,
    `  revenue analytics: ${publicUrl}/analytics`,
    `  REST endpoints: ${publicUrl}/docs`,
    ...(demo?.keys ?? []).map(({ label, key }) => `  ${label}: ${key}`),
    ...(demo ? ['  The keys are shown only this once; npm run cli -- keys create makes others.'] : []),
  ];
  console.log(lines.join('\n'));
}

/** Shuts down at the first signal; a terminal and npm may each send one, so later ones change nothing. */
export function onSignal(log: Log, shutDown: () => Promise<void>): void {
  let begun = false;
  const end = (signal: string): void => {
    if (begun) return;
    begun = true;
    log.info({ signal }, 'Shutting down.');
    setTimeout(() => {
      log.error(`The shut-down took longer than ${shutdownMs} ms and is broken off.`);
      process.exit(1);
    }, shutdownMs).unref();
    shutDown().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'The shut-down failed.');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}
