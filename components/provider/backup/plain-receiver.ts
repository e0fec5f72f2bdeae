import { createConnection, type Socket } from "node:net";
import type { PlainWay } from "../plain-way";
import { Bell } from "./bell";

/** What the socket is read into, again and again. */
const READ = 256 << 10;
/** Payloads are put together: what is done with a piece costs as much for a small one. */
const PIECE = 1 << 20;
/** Bytes that wait to be taken before no more are acknowledged, so that the sender's window ends them. */
const WAITING = 4 << 20;
const CONNECT_TIMEOUT = 3_000;
const NEWLINE = 10;
/** Subscription of the messages. */
const SID = "1";

/** How a sender ended: without a payload, and with a status. */
export interface End {
  readonly code: number;
  readonly description: string;
}

/**
 * Receives what is sent to one subject on a connection of its own, and acknowledges every message. The
 * client makes several objects and up to three copies of each message, which for a whole stream takes
 * several times what the network does; this reads into memory that it has already.
 */
export class PlainReceiver {
  private readonly socket: Socket;
  private readonly login: PlainWay["login"];
  private isConnected = false;
  private readonly ready: Promise<void>;
  private onReady: (error?: Error) => void = () => undefined;
  /** A line of the protocol that has not ended yet. */
  private line = "";
  /** What is left of a message: of its headers, and of all of it. */
  private headers = 0;
  private payload = 0;
  private head = "";
  private reply = "";
  private hasPayload = false;
  private trailer = 0;

  private piece: Buffer = Buffer.allocUnsafeSlow(PIECE);
  private filled = 0;
  private readonly full: Buffer[] = [];
  private readonly free: Buffer[] = [];
  private received = 0;
  /** Acknowledgements that wait until there is room. */
  private acks = "";
  private end: End | undefined;
  private readonly bell = new Bell();

  private constructor(
    { host, port, login }: PlainWay,
    private readonly subject: string,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.onReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.login = login;
    this.socket = createConnection({
      host,
      port,
      noDelay: true,
      timeout: CONNECT_TIMEOUT,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ),
        callback: (length, buffer) => {
          this.read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.socket.once("timeout", () => this.onReady(new Error("no answer")));
    // Who waits for what does not come any more hears it from the silence.
    this.socket.on("error", (error) => this.onReady(error));
    this.socket.on("close", () => this.onReady(new Error("closed")));
  }

  /** Connects and subscribes; `undefined` where that is for the client to try, and to explain. */
  static async open(way: PlainWay, subject: string): Promise<PlainReceiver | undefined> {
    const receiver = new PlainReceiver(way, subject);
    try {
      await receiver.ready;
      receiver.socket.setTimeout(0);
      return receiver;
    } catch {
      receiver.close();
      return undefined;
    }
  }

  /**
   * The payloads in large pieces, each there until the next one is asked for, and at last how it ended. It
   * ends without that where nothing comes for so long.
   */
  async *chunks(silence: number): AsyncGenerator<Buffer | End> {
    for (;;) {
      // Two looks: after this process itself stood still its clock is read before its network is.
      for (let look = 0, seen = -1; this.full.length === 0 && this.end === undefined; look++) {
        if (seen !== this.received) {
          [look, seen] = [0, this.received];
        } else if (look === 2) {
          return;
        }
        await this.bell.heard(silence / 2);
      }
      const piece = this.full.shift();
      if (piece === undefined) {
        break;
      }
      yield piece;
      this.free.push(piece);
      this.acknowledge();
    }
    if (this.filled > 0) {
      yield this.piece.subarray(0, this.filled);
    }
    if (this.end !== undefined) {
      yield this.end;
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private acknowledge(): void {
    if (this.acks !== "" && this.full.length * PIECE < WAITING) {
      this.socket.write(this.acks, "latin1");
      this.acks = "";
    }
  }

  private read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.headers > 0) {
        const size = Math.min(this.headers, bytes.length - at);
        this.head += bytes.toString("latin1", at, at + size);
        this.headers -= size;
        at += size;
      } else if (this.payload > 0) {
        at += this.keep(bytes, at);
      } else if (this.trailer > 0) {
        const size = Math.min(this.trailer, bytes.length - at);
        this.trailer -= size;
        at += size;
        if (this.trailer === 0) {
          this.message();
        }
      } else {
        const newline = bytes.indexOf(NEWLINE, at);
        const end = newline < 0 ? bytes.length : newline + 1;
        this.line += bytes.toString("latin1", at, end);
        at = end;
        if (newline >= 0) {
          const line = this.line.trimEnd();
          this.line = "";
          this.command(line);
        }
      }
    }
    this.acknowledge();
  }

  /** Keeps what has come of a payload, and says how much that is. */
  private keep(bytes: Buffer, at: number): number {
    const size = Math.min(this.payload, bytes.length - at, PIECE - this.filled);
    bytes.copy(this.piece, this.filled, at, at + size);
    this.filled += size;
    this.payload -= size;
    this.received += size;
    if (this.filled === PIECE) {
      this.full.push(this.piece);
      this.piece = this.free.pop() ?? Buffer.allocUnsafeSlow(PIECE);
      this.filled = 0;
      this.bell.ring();
    }
    return size;
  }

  /** A message has come whole. */
  private message(): void {
    if (this.hasPayload) {
      if (this.reply !== "") {
        this.acks += `PUB ${this.reply} 0\r\n\r\n`;
      }
      return;
    }
    const [, code = "0", description = ""] = /^NATS\/1\.0 ?(\d*) ?([^\r]*)/.exec(this.head) ?? [];
    this.end ??= { code: Number(code), description };
    this.bell.ring();
  }

  private command(line: string): void {
    const [word = "", ...rest] = line.split(" ");
    switch (word.toUpperCase()) {
      case "MSG":
      case "HMSG": {
        const sizes = word.length === 4 ? 2 : 1;
        const [total = 0, headers = 0] = rest.slice(-sizes).map(Number).reverse();
        this.headers = headers;
        this.payload = total - headers;
        this.hasPayload = this.payload > 0;
        this.trailer = 2;
        this.head = "";
        this.reply = rest.length > 2 + sizes ? (rest[2] ?? "") : "";
        return;
      }
      case "PING":
        this.socket.write("PONG\r\n");
        return;
      case "PONG":
        this.onReady();
        return;
      case "INFO":
        this.connect(line.slice("INFO ".length));
        return;
      case "-ERR":
        this.onReady(new Error(line));
    }
  }

  /** Answers the server's first words; what it says later changes nothing here. */
  private connect(info: string): void {
    if (this.isConnected) {
      return;
    }
    this.isConnected = true;
    const { nonce } = JSON.parse(info) as { nonce?: string };
    const question = {
      ...{ verbose: false, pedantic: false, protocol: 1, headers: true, no_responders: true },
      ...{ name: "tfdc-nats", lang: "node", version: "1" },
      ...this.login(nonce),
    };
    const words = [`CONNECT ${JSON.stringify(question)}`, `SUB ${this.subject} ${SID}`, "PING", ""];
    this.socket.write(words.join("\r\n"));
  }
}
