/** How a process of the gateway says that it serves, and how it ends. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from './env.js';
import type { Log } from './lib/process/log.js';
import { commandPrefix } from './lib/process/root.js';
import type { DemoKeys } from './modules/demo/demo.seed.js';

/** A shut-down that takes longer, once nothing new is taken, is broken off. */
const shutdownMs = 10_000;

/** Says where the gateway is, and the keys of a demo that was just made; all at once, for programs that wait for it. */
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
 * Shuts down at the first signal; a terminal and npm may each send one, so later ones change nothing. After SIGTERM, `drained`
 * resolves when the gateway has served for `drainSeconds` more; who presses Ctrl-C has no balancer that must be told first.
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
