// Preloaded into a server whose start is timed: writes when it loaded its last module before it listened, when it first
// reached for another server, the database, and when it listened, in milliseconds since 1970.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import * as modules from 'node:module';
import { Socket } from 'node:net';

const now = () => performance.timeOrigin + performance.now();
const begun = now();
let loaded = begun;
let connecting = 0;
let listening = 0;

/** Which of both comes first differs. */
const write = () => {
  if (!connecting || !listening) return;
  writeFileSync(/** @type {string} */ (process.env.BENCH_START), JSON.stringify({ begun, loaded, connecting, listening }));
};

/**
 * Of Node.js 22 and later, which the bundled one is; the types are those of the oldest that runs the bench.
 * @typedef {(hooks: { load: <Module>(url: string, context: object, nextLoad: (url: string, context: object) => Module) => Module }) => void} RegisterHooks
 */
const { registerHooks } = /** @type {{ registerHooks: RegisterHooks }} */ (/** @type {unknown} */ (modules));

registerHooks({
  load: (url, context, nextLoad) => {
    const module = nextLoad(url, context);
    if (!listening) loaded = now();
    return module;
  },
});

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  if (!connecting) {
    connecting = now();
    write();
  }
  return Reflect.apply(connect, this, args);
};

subscribe('tracing:net.server.listen:asyncEnd', () => {
  listening ||= now();
  write();
});
