import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { fatalMessage, queryMessage, syncMessage, type Unit, UnitReader } from './wire.js';

interface Session {
  socket: Socket;
  reader: UnitReader;
}

/** Bytes that run without those of another connection in between. A part is continued by the same session. */
interface Piece {
  session: Session;
  bytes: Buffer;
  part: boolean;
}

/**
 * Lets many connections share the single backend of PGlite. Everything that a client sends up to Sync runs as one
 * piece, and a client keeps the backend while its transaction is open. So connections have the isolation that they
 * expect. Session settings, advisory locks and notifications are shared.
 */
export class Backend {
  private readonly sessions = new Set<Session>();
  private waiting: Piece[] = [];
  private owner: Session | undefined;
  private running = false;
  private database: PGlite | undefined;
  private nextSession = 1;

  /** `onCrash` is called when PGlite itself failed. Its memory cannot be trusted after that. */
  constructor(private readonly onCrash: (error: unknown) => void) {}

  /** Connections that arrive before the database is open wait. */
  open(database: PGlite): void {
    this.database = database;
    void this.run();
  }

  get connections(): number {
    return this.sessions.size;
  }

  /** Takes over a new connection. */
  accept(socket: Socket): void {
    const session = { socket, reader: new UnitReader(`${this.nextSession}:`) };
    this.nextSession += 1;
    this.sessions.add(session);
    socket.on('data', (chunk) => this.receive(session, chunk));
    // 'close' always follows and does the clean-up.
    socket.on('error', () => undefined);
    socket.on('close', () => void this.release(session));
  }

  /** Ends all connections. Running pieces are finished, and open transactions are rolled back. */
  async close(): Promise<void> {
    for (const { socket } of this.sessions) {
      socket.end(fatalMessage('57P01', 'The embedded database is shutting down.'));
      socket.destroySoon();
    }
    const deadline = performance.now() + 2000;
    while ((this.running || this.sessions.size > 0) && performance.now() < deadline) {
      await sleep(5);
    }
  }

  private receive(session: Session, chunk: Buffer): void {
    for (const unit of session.reader.push(chunk)) this.take(session, unit);
    void this.run();
  }

  private take(session: Session, unit: Unit): void {
    if (unit.kind === 'end') session.socket.end();
    else if (unit.kind === 'encryption') session.socket.write('N');
    else this.waiting.push({ session, bytes: unit.bytes, part: unit.kind === 'part' });
  }

  /** Runs waiting pieces in order. While a transaction is open, runs only those of its connection. */
  private async run(): Promise<void> {
    if (this.running || !this.database) return;
    this.running = true;
    try {
      for (let next = this.next(); next; next = this.next()) {
        const answer = await this.execute(next.bytes);
        if (next.session.socket.writable) next.session.socket.write(answer);
        this.owner = next.part || this.database.isInTransaction() ? next.session : undefined;
      }
      this.running = false;
    } catch (error) {
      this.onCrash(error);
    }
  }

  private next(): Piece | undefined {
    const { owner } = this;
    if (!owner) return this.waiting.shift();
    // A disconnected client must not keep the backend. The Sync ends a half-sent batch.
    if (!this.sessions.has(owner)) {
      return { session: owner, bytes: Buffer.concat([syncMessage, queryMessage('ROLLBACK')]), part: false };
    }
    const index = this.waiting.findIndex(({ session }) => session === owner);
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }

  private async execute(bytes: Buffer): Promise<Buffer> {
    const answer: Buffer[] = [];
    // The data is in PGlite's own memory, and the next piece overwrites it.
    await this.database?.execProtocolRawStream(bytes, { onRawData: (data) => answer.push(Buffer.from(data)) });
    return answer.length === 1 && answer[0] ? answer[0] : Buffer.concat(answer);
  }

  /** Drops the waiting pieces and the prepared statements of a closed connection. */
  private async release(session: Session): Promise<void> {
    this.sessions.delete(session);
    this.waiting = this.waiting.filter((piece) => piece.session !== session);
    const bytes = session.reader.closeStatements();
    if (bytes) this.waiting.push({ session, bytes, part: false });
    await this.run();
  }
}
