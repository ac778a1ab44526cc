/** Announces that a gateway process serves, and shuts it down. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from './env.js';
import type { Log } from './lib/process/log.js';
import { commandPrefix } from './lib/process/root.js';
import type { DemoKeys } from './modules/demo/demo.seed.js';

/** The time limit of a shutdown, counted from when nothing new is accepted. */
const shutdownMs = 10_000;

/** Prints the URLs of the gateway, and the keys of a new demo, in one write for programs that wait for it. */
export function announce({ graphiql, publicUrl }: Environment, demo: DemoKeys | null): void {
  const hint = graphiql ? ' (open it in a browser for GraphiQL)' : '';
  const lines = [
    `Deskgraph serves ${publicUrl}/graphql${hint}`,
    `  documentation: ${publicUrl}/docs`,
    `  REST reference: ${publicUrl}/docs/rest-reference`,
    `  revenue analytics: ${publicUrl}/analytics`,
    ...(demo?.keys ?? []).map(({ label, key }) => `  ${label}: ${key}`),
    ...(demo ? [`  The keys are shown only this once; ${commandPrefix} keys create makes others.`] : []),
  ];
  console.log(lines.join('\n'));
}

/**
 * Shuts down at the first signal. A terminal and npm may each send one, so further signals are ignored. After SIGTERM,
 * `drained` resolves when the gateway has served for another `drainSeconds`. Ctrl-C does not wait, because there is no
 * load balancer to inform.
 */
export function onSignal(log: Log, drainSeconds: number, shutDown: (drained: Promise<void>) => Promise<void>): void {
  let begun = false;
  const end = (signal: string): void => {
    if (begun) return;
    begun = true;
    log.info({ signal }, 'Shutting down.');
    const drainMs = signal === 'SIGTERM' ? drainSeconds * 1_000 : 0;
    setTimeout(() => {
      log.error(`The shut-down took longer than ${shutdownMs} ms and is broken off.`);
      process.exit(1);
    }, drainMs + shutdownMs).unref();
    shutDown(drainMs > 0 ? pause(drainMs) : Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'The shut-down failed.');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}
