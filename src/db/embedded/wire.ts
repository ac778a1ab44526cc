/** Framing of the PostgreSQL wire protocol, version 3, as far as the embedded server needs it. */

const protocolVersion3 = 196_608;
const cancelRequest = 80_877_102;
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

/** A type and a length. A shorter message is invalid. */
const shortestMessage = 5;

/** A unit of the bytes from a client. After it, the backend can serve another client. */
export type Unit =
  /** The start message of a connection. */
  | { kind: 'startup'; bytes: Buffer }
  /** The client asks for encryption. The answer is a plain "N". */
  | { kind: 'encryption' }
  /** A simple query, or the messages of the extended protocol up to Sync. */
  | { kind: 'batch'; bytes: Buffer }
  /** Messages up to Flush. The client reads the answer and then continues, so the backend stays with it. */
  | { kind: 'part'; bytes: Buffer }
  | { kind: 'end' };

/** Collects the bytes of one connection and returns the units that are complete. */
export class UnitReader {
  private chunks: Buffer[] = [];
  private length = 0;
  private needed = 0;
  private started = false;
  private pending: Buffer[] = [];
  private readonly statements = new Set<string>();

  /** `statementPrefix` separates the prepared statements of connections that share one backend. */
  constructor(private readonly statementPrefix: string) {}

  push(chunk: Buffer): Unit[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    // A large message arrives in thousands of chunks. They are joined once, when it is complete.
    if (this.length < this.needed) return [];

    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const units: Unit[] = [];
    for (;;) {
      const size = this.started ? messageSize(rest) : startMessageSize(rest);
      if (size !== undefined && size < shortestMessage) return [...units, { kind: 'end' }];
      if (size === undefined || rest.length < size) {
        this.needed = size ?? 0;
        break;
      }
      const unit = this.started ? this.read(rest.subarray(0, size)) : this.readStart(rest.subarray(0, size));
      rest = rest.subarray(size);
      if (unit) units.push(unit);
    }
    this.chunks = rest.length ? [rest] : [];
    this.length = rest.length;
    return units;
  }

  /** The messages that free the prepared statements of this connection, undefined when there are none. */
  closeStatements(): Buffer | undefined {
    if (this.statements.size === 0) return undefined;
    const names = [...this.statements];
    return Buffer.concat([...names.map((name) => message('C', Buffer.from(`S${name}\0`))), syncMessage]);
  }

  private readStart(message: Buffer): Unit {
    const code = message.readInt32BE(4);
    if (code === sslRequest || code === gssRequest) return { kind: 'encryption' };
    // A running statement cannot be cancelled, because the single backend does not read messages while it runs.
    if (code === cancelRequest || code !== protocolVersion3) return { kind: 'end' };
    this.started = true;
    return { kind: 'startup', bytes: message };
  }

  private read(message: Buffer): Unit | undefined {
    const type = String.fromCharCode(message.readUInt8(0));
    if (type === 'X') return { kind: 'end' };
    this.pending.push(this.withOwnStatement(type, message));
    if (type !== 'Q' && type !== 'S' && type !== 'F' && type !== 'H') return undefined;
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    return { kind: type === 'H' ? 'part' : 'batch', bytes };
  }

  /** Adds the prefix to the statement's name, if the message has one. */
  private withOwnStatement(type: string, original: Buffer): Buffer {
    const at = statementNameAt(type, original);
    if (at === undefined || original[at] === 0) return original;
    const renamed = Buffer.concat([original.subarray(0, at), Buffer.from(this.statementPrefix), original.subarray(at)]);
    renamed.writeInt32BE(renamed.length - 1, 1);
    if (type === 'P') this.statements.add(renamed.toString('utf8', at, renamed.indexOf(0, at)));
    return renamed;
  }
}

/** The offset of the name of a prepared statement in a message: Parse, Bind, and Describe and Close of a statement. */
function statementNameAt(type: string, message: Buffer): number | undefined {
  if (type === 'P') return 5;
  if (type === 'B') return message.indexOf(0, 5) + 1;
  if ((type === 'D' || type === 'C') && message[5] === 'S'.charCodeAt(0)) return 6;
  return undefined;
}

const messageSize = (bytes: Buffer): number | undefined => (bytes.length < 5 ? undefined : 1 + bytes.readInt32BE(1));

const startMessageSize = (bytes: Buffer): number | undefined => (bytes.length < 8 ? undefined : bytes.readInt32BE(0));

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** A simple query. */
export const queryMessage = (text: string): Buffer => message('Q', Buffer.from(`${text}\0`));

export const syncMessage: Buffer = message('S', Buffer.alloc(0));

/** The error after which a client drops the connection; `code` is an SQLSTATE. */
export const fatalMessage = (code: string, text: string): Buffer =>
  message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`));
