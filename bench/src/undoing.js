/** @typedef {(() => unknown)[]} Cleanups what was started, to be undone in reverse whatever happens */

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Runs a whole bench. What it started is undone when it has ended, failed or was interrupted.
 * @param {(cleanups: Cleanups) => Promise<void>} run
 */
export async function undoing(run) {
  /** @type {Cleanups} */
  const cleanups = [];
  /** @type {Promise<void> | undefined} */
  let cleaning;

  /** Once, although a signal and the failure that it causes both ask for it. */
  const cleanUp = () => (cleaning ??= undoAll(cleanups));

  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  }
  try {
    await run(cleanups);
  } catch (error) {
    say(error instanceof Error ? (process.env.DEBUG ? String(error.stack) : error.message) : String(error));
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

/** @param {Cleanups} cleanups */
export async function undoAll(cleanups) {
  for (let undo = cleanups.pop(); undo; undo = cleanups.pop()) {
    await Promise.resolve(undo()).catch((error) => say(String(error)));
  }
}
