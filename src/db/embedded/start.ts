import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/process/root.js';
import { StartError } from '../../lib/process/start-error.js';
import type { Holder, Role } from './lock.js';
import type { Report } from './process.js';
import { createSocketDir, removeSocketDir } from './socket-dir.js';

export interface EmbeddedServer {
  /** The host for a PostgreSQL client. */
  socketDir: string;
  /** Closes the database and resolves when its process has ended. */
  stop(): Promise<void>;
}

export interface EmbeddedServerEvents {
  /** Called when the database process has died and was started again. Connections break and can be opened again. */
  onRestart?: () => void;
  /** Called when the database process has died and cannot be started again. */
  onFailure?: (error: Error) => void;
}

/** Another process has the data directory. */
export class DirectoryInUseError extends StartError {
  override readonly name = 'DirectoryInUseError';

  constructor(
    dataDir: string,
    readonly holder: Holder,
  ) {
    const what = holder.role === 'gateway' ? 'a running Deskgraph' : 'a Deskgraph command';
    super(`${dataDir} is in use by ${what}, process ${holder.owner}. Stop it or choose another DATA_DIR.`);
  }
}

/** Starts the embedded database in a separate process. @throws DirectoryInUseError, StartError */
export async function startEmbedded(
  dataDir: string,
  role: Role,
  events: EmbeddedServerEvents = {},
): Promise<EmbeddedServer> {
  const socketDir = prepare(dataDir);
  let stopping = false;
  let restarting: Promise<void> | undefined;
  let child = await launch(dataDir, socketDir, role).catch((error: unknown) => {
    removeSocketDir(socketDir);
    throw error;
  });
  supervise();

  function supervise(): void {
    child.once('exit', () => {
      if (!stopping) restarting = restart();
    });
  }

  async function restart(): Promise<void> {
    try {
      child = await launch(dataDir, socketDir, role);
      supervise();
      if (!stopping) events.onRestart?.();
    } catch (error) {
      events.onFailure?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    socketDir,
    async stop() {
      stopping = true;
      await restarting;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Creates the data directory if it is missing, and returns the directory for the socket. @throws StartError */
function prepare(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return createSocketDir(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`DATA_DIR ${dataDir} cannot be used (${reason}); choose another one.`);
  }
}

/** Resolves when the database answers. */
function launch(dataDir: string, socketDir: string, role: Role): Promise<ChildProcess> {
  // Tests run the sources, but this process is always the compiled one, because Node cannot run TypeScript.
  const script = join(packageRoot, 'dist/src/db/embedded/process.js');
  if (!existsSync(script)) throw new StartError('The embedded database is not compiled yet: run npm run build.');
  // The process cannot look up its parent later, because an orphan gets another parent.
  const args = [dataDir, socketDir, role, String(process.pid)];
  const child = fork(script, args, { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] });
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null) =>
      reject(new StartError(`The embedded database in ${dataDir} ended at once (${signal ?? `exit code ${code}`}).`));
    child.once('exit', onExit);
    child.once('error', reject);
    child.once('message', (report: Report) => {
      child.off('exit', onExit);
      if (report.kind === 'ready') resolve(child);
      else if (report.kind === 'refused') reject(new DirectoryInUseError(dataDir, report.holder));
      else reject(new StartError(`The embedded database in ${dataDir} does not open: ${report.reason}`));
    });
  });
}
